/// SIP by sofia-sip, as plain C: its own functions take lists of tags, which Swift can't import.
///
/// A loop belongs to the thread that runs it. Everything but `csip_loop_wake` is called on that thread, most of it in the
/// callbacks. Nothing here ever waits.
#ifndef CSOFIASIP_H
#define CSOFIASIP_H

#include <stdbool.h>
#include <stdint.h>

/// An event loop with its timers and sockets.
typedef struct csip_loop csip_loop;
/// A user agent: sockets of its own, and what comes and goes over them.
typedef struct csip_agent csip_agent;
/// A registration, a call, or a request of another.
typedef struct csip_dialog csip_dialog;

/// What happened.
enum csip_kind {
    /// The far end answered a REGISTER: `status`, `expires`, `realm`.
    CSIP_REGISTER_ANSWER = 1,
    /// The agent is closed: it may be destroyed.
    CSIP_SHUT_DOWN = 3,
    /// A REGISTER came; answer it in the callback, its dialog is gone afterwards.
    CSIP_REGISTER = 4,
    /// An INVITE began a call.
    CSIP_INVITE = 5,
    /// The far end took its INVITE back.
    CSIP_CANCEL = 6,
    /// The answer of ours to an INVITE was acknowledged: the call is up.
    CSIP_ACTIVE = 7,
    /// The call is over, by either side; `status` says why where it never came up.
    CSIP_TERMINATED = 8,
    /// The far end answered our INVITE: `status`, `sdp`, `realm`.
    CSIP_INVITE_ANSWER = 9,
    /// The far end hung up; `reason_cause`.
    CSIP_BYE = 10,
    /// The far end asks for other media in a call (INVITE or UPDATE: `method`), `sdp`; to be answered with `csip_respond`.
    CSIP_REINVITE = 11,
    /// An OPTIONS outside a call came; answer it in the callback.
    CSIP_OPTIONS = 12,
    /// The far end answered our BYE, or never will: `status`.
    CSIP_BYE_ANSWER = 13,
    /// The far end wants a call transferred: `refer_user`, `refer_headers`, `source`; to be answered in the callback.
    CSIP_REFER = 14,
    /// The far end answered whether it has a call, or did not: `status`.
    CSIP_PROBE_ANSWER = 15,
    /// An answer of ours to an INVITE was acknowledged, `sdp`.
    CSIP_ACK = 16,
    /// The far end says something in a call (INFO): `body`, `body_type`; it is answered behind the callback.
    CSIP_INFO = 17,
    /// The far end answered a REFER of ours, or never will: `status`, 603 for each refusal that came.
    CSIP_REFER_ANSWER = 18,
    /// The far end tells how a transfer goes that we asked for: `body` is a line of status.
    CSIP_NOTIFY = 19,
};

/// An event. All text is valid in the callback alone, and NULL where the message has none.
typedef struct csip_event {
    int32_t kind;
    /// The status of an answer; 0 for a request.
    int32_t status;
    const char *phrase;
    /// The status of the answer that came; 0 for a request. sofia passes one that it will try again after as a status of 100.
    int32_t message_status;
    /// Whether sofia made the message itself: no answer came.
    bool is_internal;
    csip_dialog *dialog;
    /// The number that the dialog was made with; 0 for one that the far end began.
    uint64_t number;

    const char *request_user;
    const char *request_host;
    /// The parameters of the request's URI.
    const char *request_params;
    const char *from_user;
    const char *from_display;
    const char *to_user;
    /// The values of Diversion (RFC 5806) and of History-Info (RFC 7044), each header on a line; NULL for none.
    const char *diversion;
    const char *history;
    /// The URI of the first Contact; `*` for all.
    const char *contact;
    /// The contacts, at most 4, each `URI<tab>seconds<line feed>`, -1 where nothing is said of its time; NULL for none.
    const char *contacts;
    /// The user of the URI in Refer-To, and the headers in it.
    const char *refer_user;
    const char *refer_headers;
    /// Whether Allow names REFER, and Supported names `replaces`.
    bool takes_referral;
    /// How long the contact is to hold in seconds, or holds; -1 where nothing is said.
    int64_t expires;
    /// The parameters of Authorization or Proxy-Authorization, NULL at the end; NULL for none of scheme Digest.
    const char *const *credentials;
    const char *method;
    /// The realm of a challenge, in its quotes.
    const char *realm;
    const char *call_id;
    uint32_t cseq;
    const char *user_agent;
    /// What is said of sound, so many bytes without an end mark; NULL for nothing.
    const char *sdp;
    uint32_t sdp_length;
    /// Whether there is a body, and nothing in it that says anything of sound.
    bool is_body_foreign;
    /// What is said in a call, so many bytes without an end mark, and of which type; NULL for nothing.
    const char *body;
    uint32_t body_length;
    const char *body_type;
    /// What Retry-After says in seconds; -1 for nothing.
    int64_t retry_after;
    /// The cause of a Reason header with protocol Q.850; 0 for none.
    int32_t reason_cause;
    /// Where a request came from: a numeric address, its port, and `udp`, `tcp` or `tls`.
    const char *source;
    uint16_t source_port;
    const char *transport;
} csip_event;

/// Takes an event.
typedef void (*csip_take)(void *context, const csip_event *event);
/// Takes a turn of the loop.
typedef void (*csip_turn)(void *context);

// MARK: The loop

/// Makes a loop; NULL where the system has no descriptors left. Any thread.
///
/// - woken: is called on the loop after `csip_loop_wake`.
/// - rang: is called on the loop when the alarm goes.
csip_loop *csip_loop_create(csip_turn woken, csip_turn rang, void *context);
/// Runs the loop on this thread until it is stopped; false where it can't begin.
bool csip_loop_run(csip_loop *loop);
/// Waits until the loop runs, which another thread has been given to do; false where it can't. Once.
bool csip_loop_has_begun(csip_loop *loop);
/// Has `woken` called soon. Any thread, at any time.
void csip_loop_wake(csip_loop *loop);
/// Sets the one alarm of the loop to so many milliseconds from now, in the place of an earlier one.
void csip_loop_alarm(csip_loop *loop, uint32_t milliseconds);
/// Says whether a request is heard that comes from a numeric address to a registrar, by a connection or in a datagram, and counts it.
typedef bool (*csip_gate)(void *context, const char *source, bool is_stream, bool is_counted);
/// Has the gate asked about each request to the registrars of this thread, before anything is done for it; NULL ends that.
void csip_guard(csip_gate gate, void *context);
/// Takes a piece of what the stack logs.
typedef void (*csip_piece)(void *context, const char *text);
/// Has the messages of those agents of this thread that are traced told in pieces, as they come and go; NULL ends that.
void csip_trace(csip_piece take, void *context);
/// Has `csip_loop_run` return.
void csip_loop_stop(csip_loop *loop);
/// Frees a loop that does not run.
void csip_loop_destroy(csip_loop *loop);

// MARK: Agents

/// How an agent is made.
typedef struct csip_options {
    /// The address to listen on, such as `sip:127.0.0.1:5060;transport=udp` or `sip:*:*`; for TLS `sips:…`.
    const char *address;
    const char *user_agent;
    /// A directory with `cafile.pem` (whom to trust) and, for a listener, `agent.pem`; NULL without TLS.
    const char *certificates;
    /// Whether the name in the certificate of a server must be the one that was asked for.
    bool verifies_name;
    /// Whether the chain of the certificate of a server is verified.
    bool verifies_chain;
    /// Whether REGISTER and OPTIONS are taken.
    bool is_registrar;
    /// The most requests that are worked on at once; beyond them 503 is answered by the stack itself.
    uint32_t most_requests;
} csip_options;

/// Opens an agent; NULL where its address is taken or wrong.
csip_agent *csip_agent_create(csip_loop *loop, const csip_options *options, csip_take take, void *context);
/// Begins to close: calls are hung up, registrations taken back. `CSIP_SHUT_DOWN` follows.
void csip_agent_shut_down(csip_agent *agent);
/// Says whether the messages of an agent are told to the thread's `csip_trace`. The library formats each, so it costs while it is on.
void csip_agent_trace(csip_agent *agent, bool is_traced);
/// Frees an agent after `CSIP_SHUT_DOWN`, not in its callback. Dialogs are destroyed before.
void csip_agent_destroy(csip_agent *agent);

/// Has the kernel drop what comes over UDP from these IPv4 addresses, in the byte order of the network, at most 64 of them.
///
/// What is dropped there costs no transaction, which the stack would keep for half a minute each.
void csip_agent_block(csip_agent *agent, const uint32_t *sources, unsigned count);

// MARK: Dialogs

/// Makes a dialog; NULL where an address can't be read.
///
/// - route: where requests go first, such as `sip:192.0.2.1:5060;lr`; NULL for where the address leads.
csip_dialog *csip_dialog_create(
    csip_agent *agent, uint64_t number, const char *from, const char *to, const char *route);
/// Names a dialog that the far end began; its events bear the number from then on.
void csip_dialog_keep(csip_dialog *dialog, uint64_t number);
/// Ends and frees a dialog: a call is hung up, nothing more is heard of it.
void csip_dialog_destroy(csip_dialog *dialog);

/// Sends REGISTER, and again before each end of the time that the registrar grants.
///
/// - registrar: the URI of the registrar.
/// - user: the user of the contact.
/// - params: parameters of the contact's URI.
/// - instance: the name of this program in the contact, `urn:uuid:…`.
void csip_register(
    csip_dialog *dialog, const char *registrar, const char *user, const char *params, const char *instance,
    uint32_t expires);
/// Repeats what was challenged with `Digest:"realm":user:password`.
void csip_authenticate(csip_dialog *dialog, const char *credentials);

/// An answer to a request.
typedef struct csip_answer {
    int32_t status;
    /// NULL for the phrase that belongs to the status.
    const char *phrase;
    /// Each NULL for none.
    const char *sdp;
    const char *challenge;
    /// The challenge is one of a proxy.
    bool is_proxy_challenge;
    const char *contact;
    const char *retry_after;
    const char *reason;
    const char *expires;
} csip_answer;

/// Answers the request of the present callback, or the INVITE of a dialog that is kept.
void csip_respond(csip_dialog *dialog, const csip_answer *answer);
/// Calls `uri`, or, where the call is up, asks for other media in it; the answers are events of the dialog.
///
/// - diversion: the value of a Diversion header, or NULL.
void csip_invite(csip_dialog *dialog, const char *uri, const char *user, const char *diversion, const char *sdp);
/// Tells how a transfer goes that the far end asked for: `SIP/2.0 200 OK`.
void csip_notify(csip_dialog *dialog, const char *status, bool is_last);
/// Asks the far end of a call to join it with that of another call, which both of ours leave (RFC 3515, RFC 3891); the answers are
/// events of `dialog`.
///
/// - target: the Contact of the far end of the other call.
/// - Returns: false where the other call is none that is up.
bool csip_refer(csip_dialog *dialog, csip_dialog *other, const char *target);
/// Takes an INVITE of ours back; `reason` is the value of a Reason header, or NULL.
void csip_cancel(csip_dialog *dialog, const char *reason);
/// Asks whether the far end still has a call (OPTIONS in its dialog).
void csip_probe(csip_dialog *dialog);
/// Hangs up a call that is up.
void csip_bye(csip_dialog *dialog, const char *reason);

#endif
