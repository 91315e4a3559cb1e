// For memmem.
#define _GNU_SOURCE

#include "CSofiaSIP.h"

#define SU_ROOT_MAGIC_T struct csip_loop
#define SU_TIMER_ARG_T struct csip_loop
#define SU_WAKEUP_ARG_T struct csip_loop
#define NUA_MAGIC_T struct csip_agent
#define NUA_HMAGIC_T struct csip_dialog

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>

struct csip_loop {
    su_root_t *root;
    su_timer_t *timer;
    csip_turn woken, rang;
    void *context;
    int bell;
    /// Posted once the loop runs, or can't.
    sem_t begun;
    bool has_begun;
};

struct csip_agent {
    csip_loop *loop;
    nua_t *nua;
    csip_take take;
    void *context;
    /// Its UDP socket over IPv4; -1 for none.
    int datagrams;
};

struct csip_dialog {
    csip_agent *agent;
    nua_handle_t *handle;
    uint64_t number;
    /// Freed by sofia no more: destroyed while one of its events was being told.
    bool is_told, is_dead;
    /// The name that its registration bears; NULL for none.
    char *instance;
};

// MARK: The loop

/// Who is told what the agents of this thread log; each loop has a thread of its own.
static _Thread_local csip_piece trace_take;
static _Thread_local void *trace_context;

/// What there is to say is said by the program that uses this; sofia would write it to standard error.
static void say(void *stream, char const *format, va_list arguments) {
    (void)stream;
    if (trace_take == NULL) return;
    // The longest piece is a line, of 2047 bytes.
    char text[4096];
    if (vsnprintf(text, sizeof text, format, arguments) > 0) trace_take(trace_context, text);
}

void csip_trace(csip_piece take, void *context) {
    trace_take = take;
    trace_context = context;
}

/// Who is asked about the requests that come to the registrars of this thread.
static _Thread_local csip_gate gate_asks;
static _Thread_local void *gate_context;

void csip_guard(csip_gate gate, void *context) {
    gate_asks = gate;
    gate_context = context;
}

static pthread_once_t prepared = PTHREAD_ONCE_INIT;

extern su_log_t tport_log[], nta_log[], nua_log[], nea_log[], iptsec_log[], su_log_global[];

static void prepare_messages(void);

static void prepare(void) {
    su_init();
    prepare_messages();
    su_log_redirect(NULL, say, NULL);
    su_log_t *const logs[] = {su_log_default, su_log_global, tport_log, nta_log, nua_log, nea_log, iptsec_log};
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        su_log_redirect(logs[i], say, NULL);
        su_log_set_level(logs[i], 0);
    }
}

csip_loop *csip_loop_create(csip_turn woken, csip_turn rang, void *context) {
    pthread_once(&prepared, prepare);
    csip_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) return NULL;
    loop->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->bell < 0) {
        free(loop);
        return NULL;
    }
    sem_init(&loop->begun, 0, 0);
    loop->woken = woken;
    loop->rang = rang;
    loop->context = context;
    return loop;
}

static int heard_bell(su_root_magic_t *magic, su_wait_t *wait, su_wakeup_arg_t *loop) {
    (void)magic;
    (void)wait;
    uint64_t count;
    // Nothing to read is no harm: the turn comes all the same.
    if (read(loop->bell, &count, sizeof count) < 0) count = 0;
    loop->woken(loop->context);
    return 0;
}

bool csip_loop_has_begun(csip_loop *loop) {
    while (sem_wait(&loop->begun) != 0) continue;
    return loop->has_begun;
}

static bool run(csip_loop *loop) {
    // Ports belong to the thread that makes them.
    loop->root = su_root_create(loop);
    if (loop->root == NULL) return false;
    // No thread of sofia's own: it calls back on this one.
    su_root_threading(loop->root, 0);
    su_wait_t wait[1] = {SU_WAIT_INIT};
    loop->timer = su_timer_create(su_root_task(loop->root), 0);
    if (loop->timer == NULL || su_wait_create(wait, loop->bell, SU_WAIT_IN) < 0
        || su_root_register(loop->root, wait, heard_bell, loop, 0) < 0) {
        su_root_destroy(loop->root);
        loop->root = NULL;
        return false;
    }
    loop->has_begun = true;
    sem_post(&loop->begun);
    su_root_run(loop->root);
    su_timer_destroy(loop->timer);
    su_root_destroy(loop->root);
    loop->root = NULL;
    return true;
}

bool csip_loop_run(csip_loop *loop) {
    if (run(loop)) return true;
    sem_post(&loop->begun);
    return false;
}

void csip_loop_wake(csip_loop *loop) {
    uint64_t one = 1;
    // A full counter wakes as well.
    if (write(loop->bell, &one, sizeof one) < 0) return;
}

static void heard_alarm(su_root_magic_t *magic, su_timer_t *timer, su_timer_arg_t *loop) {
    (void)magic;
    (void)timer;
    loop->rang(loop->context);
}

void csip_loop_alarm(csip_loop *loop, uint32_t milliseconds) {
    su_timer_reset(loop->timer);
    su_timer_set_interval(loop->timer, heard_alarm, loop, milliseconds);
}

void csip_loop_stop(csip_loop *loop) { su_root_break(loop->root); }

void csip_loop_destroy(csip_loop *loop) {
    sem_destroy(&loop->begun);
    close(loop->bell);
    free(loop);
}

// MARK: First lines

/// The message whose first line was read last on this thread, and that line where it is an answer's.
static _Thread_local su_home_t *read_last;
static _Thread_local sip_status_t *status_last;

/// Mends the first line of a message that is copied, as while an agent is traced: where empty lines precede it, keep-alives say (RFC 5626
/// §3.5.1), sofia copies those too, and as many bytes less of the line (extract_first in msg_parser.c).
static bool mend_line(su_home_t *home, msg_header_t *header, char **text, isize_t *length) {
    msg_common_t *common = &header->sh_common[0];
    const char *data = common->h_data;
    if (data == NULL || (**text != '\r' && **text != '\n' && **text != ' ' && **text != '\t')) return true;
    size_t empty = strspn(data, "\r\n \t"), all = common->h_len;
    size_t line = empty < all ? strcspn(data + empty, "\r\n") : 0;
    if (empty + line > all) return true;
    char *copy = su_strndup(home, data + empty, line);
    if (copy == NULL) return false;
    common->h_data = data + empty;
    common->h_len = (uint32_t)(all - empty);
    *text = copy;
    *length = line;
    return true;
}

/// Reads the line of an answer.
static issize_t read_status(su_home_t *home, msg_header_t *header, char *text, isize_t length) {
    if (!mend_line(home, header, &text, &length)) return -1;
    read_last = home;
    status_last = (sip_status_t *)header;
    return sip_status_class->hc_parse(home, header, text, length);
}

/// Reads the line of a request; sofia itself refuses all URNs with 416.
///
/// `urn:service:sos` and its kinds (RFC 5031 §4.2) are 112, at a host that bears the name, which a digest is made for.
static issize_t read_request(su_home_t *home, msg_header_t *header, char *text, isize_t length) {
    read_last = NULL;
    if (!mend_line(home, header, &text, &length)) return -1;
    issize_t result = sip_request_class->hc_parse(home, header, text, length);
    url_t *url = ((sip_request_t *)header)->rq_url;
    if (result < 0 || url->url_scheme == NULL || strcasecmp(url->url_scheme, "urn") != 0) return result;
    static const char name[] = "urn:service:sos";
    char *urn = url_as_string(home, url);
    if (urn == NULL || strncasecmp(urn, name, sizeof name - 1) != 0) return result;
    char next = urn[sizeof name - 1];
    if (next != '\0' && next != '.') return result;
    memset(url, 0, sizeof *url);
    url->url_type = url_sip;
    url->url_scheme = "sip";
    url->url_user = "112";
    url->url_host = urn;
    return result;
}

/// Reads the line of a request that comes to a registrar, unless its sender is not heard: then it is no message.
///
/// sofia keeps a transaction of each request for 32 s (RFC 3261 §17.2.2), also of those that it refuses by itself.
static issize_t read_guarded(su_home_t *home, msg_header_t *header, char *text, isize_t length) {
    issize_t result = read_request(home, header, text, length);
    if (result < 0 || gate_asks == NULL) return result;
    // A message that is read is its own home, and has the address of its sender before its first line is read.
    su_sockaddr_t from = *msg_addr((msg_t *)home);
    char source[INET6_ADDRSTRLEN];
    SU_CANONIZE_SOCKADDR(&from);
    if (su_inet_ntop(from.su_family, SU_ADDR(&from), source, sizeof source) == NULL) return result;
    // What is acknowledged was answered before.
    bool is_counted = ((sip_request_t *)header)->rq_method != sip_method_ack;
    bool is_stream = msg_addrinfo((msg_t *)home)->ai_socktype == SOCK_STREAM;
    return gate_asks(gate_context, source, is_stream, is_counted) ? result : -1;
}

/// Reads the number of a request: what refuses a REFER of ours is 603 from here on.
///
/// A refused transfer leaves the call as it was (RFC 5589 §5), but sofia ends its dialog at 404 and others (RFC 5057 §5.1), tries again by
/// itself behind Retry-After, and keeps all that follows in the dialog, BYE too, until a challenge is answered.
static issize_t read_sequence(su_home_t *home, msg_header_t *header, char *text, isize_t length) {
    issize_t result = sip_cseq_class->hc_parse(home, header, text, length);
    sip_status_t *status = home == read_last ? status_last : NULL;
    read_last = NULL;
    if (result >= 0 && status != NULL && status->st_status >= 300 && ((sip_cseq_t *)header)->cs_method == sip_method_refer)
        status->st_status = 603;
    return result;
}

/// Reads To. A REFER without a tag there belongs to no call: it is read as no message, and answered with 400.
///
/// Otherwise sofia sends NOTIFY to the address in its Contact, which may be anybody's, whatever the answer is.
static issize_t read_to(su_home_t *home, msg_header_t *header, char *text, isize_t length) {
    issize_t result = sip_to_class->hc_parse(home, header, text, length);
    // A message that is read is its own home.
    const sip_t *sip = sip_object((msg_t *)home);
    bool is_refer = sip != NULL && sip->sip_request != NULL && sip->sip_request->rq_method == sip_method_refer;
    return is_refer && result >= 0 && ((sip_to_t *)header)->a_tag == NULL ? -1 : result;
}

/// Puts a class of ours before one of sofia's. The parser looks for the name, and finds ours first; sofia looks for the class of what it makes,
/// and finds its own further on.
static bool put_class(msg_mclass_t *messages, msg_hclass_t *known, struct msg_hclass_s *own, issize_t (*parse)(su_home_t *, msg_header_t *, char *, isize_t)) {
    *own = *known;
    own->hc_parse = parse;
    msg_href_t *table = messages->mc_hash;
    int size = messages->mc_hash_size, place = 0, room = 0;
    while (place < size && table[place].hr_class != known) place++;
    while (room < size && table[(place + room) % size].hr_class != NULL) room++;
    if (place == size || room == size) return false;
    table[(place + room) % size] = table[place];
    table[place].hr_class = own;
    messages->mc_hash_used++;
    // The short form of its name, such as `t` for To (RFC 3261 §7.3.3), stands in a table of the clone's own.
    msg_href_t *letters = (msg_href_t *)messages->mc_short;
    for (int letter = 0; letters != NULL && letter < MC_SHORT_SIZE; letter++)
        if (letters[letter].hr_class == known) letters[letter].hr_class = own;
    return true;
}

static struct msg_hclass_s request_class, guarded_class, status_class, sequence_class, to_class;
/// How messages are read, and how those that come to a registrar.
static msg_mclass_t *message_class, *guarded_message_class;

static void prepare_messages(void) {
    message_class = msg_mclass_clone(sip_default_mclass(), 0, 0);
    if (message_class == NULL) return;
    request_class = *sip_request_class;
    request_class.hc_parse = read_request;
    message_class->mc_request[0].hr_class = &request_class;
    status_class = *sip_status_class;
    status_class.hc_parse = read_status;
    message_class->mc_status[0].hr_class = &status_class;
    if (!put_class(message_class, sip_cseq_class, &sequence_class, read_sequence)
        || !put_class(message_class, sip_to_class, &to_class, read_to))
        return;
    guarded_message_class = msg_mclass_clone(message_class, 0, 0);
    if (guarded_message_class == NULL) return;
    guarded_class = *sip_request_class;
    guarded_class.hc_parse = read_guarded;
    guarded_message_class->mc_request[0].hr_class = &guarded_class;
}

// MARK: What a message says

/// Text of an event that has to be written down.
struct text {
    char source[64];
    char contact[512];
    char contacts[4 * 544];
    char diversion[1024];
    char history[1024];
};

static void read_source(csip_agent *agent, csip_event *event, struct text *text) {
    msg_t *message = nua_current_request(agent->nua);
    su_addrinfo_t *info = message != NULL ? msg_addrinfo(message) : NULL;
    su_sockaddr_t *address = info != NULL ? (su_sockaddr_t *)info->ai_addr : NULL;
    if (address == NULL) return;
    su_sockaddr_t plain = *address;
    SU_CANONIZE_SOCKADDR(&plain);
    if (su_inet_ntop(plain.su_family, SU_ADDR(&plain), text->source, sizeof text->source) == NULL) return;
    event->source = text->source;
    event->source_port = ntohs(plain.su_port);
}

static const char *transport_of(const sip_t *sip) {
    if (sip->sip_via == NULL || sip->sip_via->v_protocol == NULL) return NULL;
    const char *protocol = strrchr(sip->sip_via->v_protocol, '/');
    if (protocol == NULL) return NULL;
    if (strcasecmp(protocol, "/UDP") == 0) return "udp";
    if (strcasecmp(protocol, "/TCP") == 0) return "tcp";
    return strcasecmp(protocol, "/TLS") == 0 ? "tls" : NULL;
}

/// The contact that is ours among those that a registrar lists: others may use the account too.
static const sip_contact_t *own_contact(const sip_contact_t *contacts, const char *instance) {
    if (instance == NULL) return contacts;
    for (const sip_contact_t *contact = contacts; contact != NULL; contact = contact->m_next) {
        const char *name = msg_params_find(contact->m_params, "+sip.instance=");
        if (name != NULL && strstr(name, instance) != NULL) return contact;
    }
    return contacts;
}

static void read_contact(const sip_t *sip, csip_event *event, struct text *text) {
    const char *instance = event->dialog != NULL ? event->dialog->instance : NULL;
    const sip_contact_t *contact = own_contact(sip->sip_contact, instance);
    event->expires = sip->sip_expires != NULL ? (int64_t)sip->sip_expires->ex_delta : -1;
    if (contact == NULL) return;
    size_t used = 0;
    int count = 0;
    for (const sip_contact_t *next = sip->sip_contact; next != NULL && count < 4; next = next->m_next, count++) {
        char uri[512];
        isize_t size = url_e(uri, sizeof uri, next->m_url);
        if (next->m_url->url_type == url_any || size < 0 || (size_t)size >= sizeof uri) continue;
        long long seconds = next->m_expires != NULL ? strtoll(next->m_expires, NULL, 10) : event->expires;
        int length = snprintf(text->contacts + used, sizeof text->contacts - used, "%s\t%lld\n", uri, seconds);
        if (length < 0 || used + (size_t)length >= sizeof text->contacts) break;
        used += (size_t)length;
        event->contacts = text->contacts;
    }
    if (contact->m_expires != NULL) event->expires = strtoll(contact->m_expires, NULL, 10);
    if (contact->m_url->url_type == url_any) {
        event->contact = "*";
    } else {
        isize_t length = url_e(text->contact, sizeof text->contact, contact->m_url);
        if (length >= 0 && (size_t)length < sizeof text->contact) event->contact = text->contact;
    }
}

/// The values of a header that sofia does not know, each on a line; NULL for none. What has no room is left out.
static const char *read_unknown(const sip_t *sip, const char *name, char *text, size_t size) {
    size_t used = 0;
    for (const sip_unknown_t *header = sip->sip_unknown; header != NULL; header = header->un_next) {
        if (header->un_name == NULL || header->un_value == NULL || strcasecmp(header->un_name, name) != 0) continue;
        size_t length = strlen(header->un_value);
        if (used + length + 2 > size) break;
        memcpy(text + used, header->un_value, length);
        used += length;
        text[used++] = '\n';
        text[used] = '\0';
    }
    return used > 0 ? text : NULL;
}

/// The parts of a body that are looked at.
enum { most_parts = 16 };

/// Whether a line begins with the name of a header, and behind it, after blanks, with a value.
static bool is_header(const char *line, size_t length, const char *name, const char *value) {
    size_t head = strlen(name), tail = strlen(value);
    if (length < head || strncasecmp(line, name, head) != 0) return false;
    line += head, length -= head;
    while (length > 0 && (*line == ' ' || *line == '\t')) line++, length--;
    if (length < tail || strncasecmp(line, value, tail) != 0) return false;
    return tail == 0 || length == tail || strchr("; \t\r\n", line[tail]) != NULL;
}

/// Takes the head of a part off; whether it is a description of sound that is not packed.
static bool is_description(const char **part, size_t *length) {
    bool is_sound = false, is_packed = false;
    while (*length > 0) {
        const char *end = memchr(*part, '\n', *length);
        if (end == NULL) return false;
        const char *line = *part;
        size_t size = (size_t)(end - line) + 1;
        *part += size, *length -= size;
        if (size == 1 || (size == 2 && line[0] == '\r')) return is_sound && !is_packed;
        is_sound = is_sound || is_header(line, size, "Content-Type:", "application/sdp");
        is_packed = is_packed || is_header(line, size, "Content-Encoding:", "")
                    || is_header(line, size, "Content-Transfer-Encoding:", "base64")
                    || is_header(line, size, "Content-Transfer-Encoding:", "quoted-printable");
    }
    return false;
}

/// Finds a description of sound among the parts of a body (RFC 2046 §5.1.1); false where there is none.
///
/// sofia's own reader looks behind the end of what strangers send, and ends the program for some of it.
static bool find_part(const char *body, size_t length, const char *boundary, const char **sdp, uint32_t *sdp_length) {
    char mark[2 + 70 + 1];
    size_t quote = boundary[0] == '"' ? 1 : 0, size = strlen(boundary);
    if (size < 2 * quote + 1 || size - 2 * quote > 70) return false;
    int room = snprintf(mark, sizeof mark, "--%.*s", (int)(size - 2 * quote), boundary + quote);
    if (room < 3 || (size_t)room >= sizeof mark) return false;
    const char *end = body + length, *part = NULL, *place = body;
    for (int count = 0; count <= most_parts && place < end; count++) {
        const char *found = memmem(place, (size_t)(end - place), mark, (size_t)room);
        // It stands at the beginning of a line.
        while (found != NULL && found != body && found[-1] != '\n')
            found = memmem(found + 1, (size_t)(end - found - 1), mark, (size_t)room);
        if (found == NULL) return false;
        if (part != NULL) {
            const char *start = part;
            size_t rest = (size_t)(found - part);
            if (is_description(&start, &rest) && rest > 0) {
                *sdp = start;
                *sdp_length = (uint32_t)rest;
                return true;
            }
        }
        const char *line = memchr(found, '\n', (size_t)(end - found));
        if (line == NULL) return false;
        part = place = line + 1;
    }
    return false;
}

/// Reads what is said of sound in a message, or in a part of it (RFC 5621); false where there is a body, and it says nothing of that.
static bool read_description(const sip_t *sip, csip_event *event) {
    const sip_payload_t *body = sip->sip_payload;
    if (body == NULL || body->pl_data == NULL || body->pl_len == 0) return true;
    const sip_content_type_t *type = sip->sip_content_type;
    const sip_content_encoding_t *encoding = sip->sip_content_encoding;
    // A packed body is not unpacked here.
    if (encoding != NULL && encoding->k_items != NULL && encoding->k_items[0] != NULL
        && strcasecmp(encoding->k_items[0], "identity") != 0)
        return false;
    if (type == NULL || type->c_type == NULL) return false;
    if (strcasecmp(type->c_type, "application/sdp") == 0) {
        event->sdp = body->pl_data;
        event->sdp_length = (uint32_t)body->pl_len;
        return true;
    }
    const char *boundary = msg_params_find(type->c_params, "boundary=");
    return strncasecmp(type->c_type, "multipart/", 10) == 0 && boundary != NULL
           && find_part(body->pl_data, body->pl_len, boundary, &event->sdp, &event->sdp_length);
}

static void read_message(csip_agent *agent, const sip_t *sip, csip_event *event, struct text *text) {
    if (sip->sip_request != NULL) {
        event->method = sip->sip_request->rq_method_name;
        event->request_user = sip->sip_request->rq_url->url_user;
        event->request_host = sip->sip_request->rq_url->url_host;
        event->request_params = sip->sip_request->rq_url->url_params;
        read_source(agent, event, text);
        event->transport = transport_of(sip);
        event->diversion = read_unknown(sip, "Diversion", text->diversion, sizeof text->diversion);
        event->history = read_unknown(sip, "History-Info", text->history, sizeof text->history);
    }
    if (sip->sip_from != NULL) {
        event->from_user = sip->sip_from->a_url->url_user;
        event->from_display = sip->sip_from->a_display;
    }
    if (sip->sip_to != NULL) event->to_user = sip->sip_to->a_url->url_user;
    read_contact(sip, event, text);
    const msg_auth_t *given = sip->sip_authorization != NULL ? sip->sip_authorization : sip->sip_proxy_authorization;
    if (given != NULL && given->au_scheme != NULL && strcasecmp(given->au_scheme, "Digest") == 0)
        event->credentials = (const char *const *)given->au_params;
    const msg_auth_t *asked =
        sip->sip_www_authenticate != NULL ? sip->sip_www_authenticate : sip->sip_proxy_authenticate;
    // The first that sofia can answer: it knows MD5 alone.
    for (; asked != NULL; asked = asked->au_next) {
        if (asked->au_scheme == NULL || strcasecmp(asked->au_scheme, "Digest") != 0) continue;
        const char *algorithm = msg_params_find(asked->au_params, "algorithm=");
        if (algorithm != NULL && strcasecmp(algorithm, "MD5") != 0 && strcasecmp(algorithm, "\"MD5\"") != 0) continue;
        event->realm = msg_params_find(asked->au_params, "realm=");
        break;
    }
    if (sip->sip_refer_to != NULL) {
        event->refer_user = sip->sip_refer_to->r_url->url_user;
        event->refer_headers = sip->sip_refer_to->r_url->url_headers;
        read_source(agent, event, text);
    }
    event->takes_referral = sip->sip_allow != NULL && sip_is_allowed(sip->sip_allow, sip_method_refer, "REFER")
        && sip_has_supported(sip->sip_supported, "replaces");
    if (sip->sip_call_id != NULL) event->call_id = sip->sip_call_id->i_id;
    if (sip->sip_cseq != NULL) event->cseq = sip->sip_cseq->cs_seq;
    if (sip->sip_user_agent != NULL) event->user_agent = sip->sip_user_agent->g_string;
    event->is_body_foreign = !read_description(sip, event);
    if (sip->sip_payload != NULL && sip->sip_content_type != NULL) {
        event->body = sip->sip_payload->pl_data;
        event->body_length = (uint32_t)sip->sip_payload->pl_len;
        event->body_type = sip->sip_content_type->c_type;
    }
    if (sip->sip_retry_after != NULL) event->retry_after = (int64_t)sip->sip_retry_after->af_delta;
    for (const sip_reason_t *reason = sip->sip_reason; reason != NULL; reason = reason->re_next)
        if (reason->re_protocol != NULL && strcasecmp(reason->re_protocol, "Q.850") == 0 && reason->re_cause != NULL)
            event->reason_cause = (int32_t)strtol(reason->re_cause, NULL, 10);
}

// MARK: What happens

static void free_dialog(csip_dialog *dialog) {
    nua_handle_bind(dialog->handle, NULL);
    nua_handle_destroy(dialog->handle);
    free(dialog->instance);
    free(dialog);
}

static csip_dialog *adopt(csip_agent *agent, nua_handle_t *handle) {
    csip_dialog *dialog = calloc(1, sizeof *dialog);
    if (dialog == NULL) return NULL;
    dialog->agent = agent;
    dialog->handle = handle;
    nua_handle_bind(handle, dialog);
    return dialog;
}

/// The kind of an event; 0 for what is nobody's business.
static int kind_of(nua_event_t event, int status, const csip_dialog *dialog) {
    switch (event) {
    case nua_r_register: return CSIP_REGISTER_ANSWER;
    case nua_r_shutdown: return status >= 200 ? CSIP_SHUT_DOWN : 0;
    case nua_i_register: return CSIP_REGISTER;
    case nua_i_options: return CSIP_OPTIONS;
    case nua_i_invite: return dialog != NULL ? CSIP_REINVITE : CSIP_INVITE;
    case nua_i_update: return dialog != NULL ? CSIP_REINVITE : 0;
    case nua_i_cancel: return CSIP_CANCEL;
    case nua_i_active: return CSIP_ACTIVE;
    case nua_i_terminated: return CSIP_TERMINATED;
    case nua_i_bye: return CSIP_BYE;
    case nua_r_invite: return CSIP_INVITE_ANSWER;
    case nua_r_bye: return status >= 200 ? CSIP_BYE_ANSWER : 0;
    case nua_i_ack: return dialog != NULL ? CSIP_ACK : 0;
    case nua_r_options: return dialog != NULL && status >= 200 ? CSIP_PROBE_ANSWER : 0;
    case nua_i_refer: return dialog != NULL ? CSIP_REFER : 0;
    case nua_i_info: return dialog != NULL ? CSIP_INFO : 0;
    case nua_r_refer: return dialog != NULL && status >= 200 ? CSIP_REFER_ANSWER : 0;
    case nua_i_notify: return dialog != NULL ? CSIP_NOTIFY : 0;
    default: return 0;
    }
}

static void heard(
    nua_event_t event, int status, char const *phrase, nua_t *nua, nua_magic_t *agent, nua_handle_t *handle,
    nua_hmagic_t *dialog, sip_t const *sip, tagi_t tags[]) {
    (void)tags;
    int kind = kind_of(event, status, dialog);
    bool begins = dialog == NULL && (kind == CSIP_REGISTER || kind == CSIP_OPTIONS || kind == CSIP_INVITE);
    if (kind == 0) {
        // An INFO that belongs to no call is left to us to answer.
        if (event == nua_i_info && dialog == NULL && handle != NULL)
            nua_respond(handle, SIP_481_NO_TRANSACTION, NUTAG_WITH_THIS(nua), TAG_END());
        // Requests that nobody asked for leave a handle behind.
        if (dialog == NULL && handle != NULL && event < nua_r_set_params && event != nua_i_error)
            nua_handle_destroy(handle);
        return;
    }
    if (begins) dialog = adopt(agent, handle);
    if (dialog == NULL && kind != CSIP_SHUT_DOWN) {
        // What is left of a dialog that was given up.
        return;
    }
    struct text text;
    csip_event told = {.kind = kind, .phrase = phrase, .dialog = dialog, .expires = -1, .retry_after = -1};
    if (kind != CSIP_REGISTER && kind != CSIP_OPTIONS && kind != CSIP_INVITE && kind != CSIP_REINVITE
        && kind != CSIP_REFER)
        told.status = status;
    if (dialog != NULL) told.number = dialog->number;
    if (sip != NULL) {
        read_message(agent, sip, &told, &text);
        told.is_internal = nta_sip_is_internal(sip) != 0;
        if (sip->sip_status != NULL) told.message_status = sip->sip_status->st_status;
    } else {
        told.is_internal = kind == CSIP_PROBE_ANSWER;
    }
    if (dialog != NULL) dialog->is_told = true;
    agent->take(agent->context, &told);
    if (dialog == NULL) return;
    if (kind == CSIP_INFO) nua_respond(handle, SIP_200_OK, NUTAG_WITH_THIS(agent->nua), TAG_END());
    dialog->is_told = false;
    // A request that was answered at once needs no dialog; an INVITE is kept by its number.
    if (dialog->is_dead || (begins && dialog->number == 0)) free_dialog(dialog);
}

// MARK: Agents

/// Finds the socket that sofia has bound to a UDP port of IPv4: it hands none out.
static int bound_socket(const char *address) {
    const char *port = strrchr(address, ':');
    if (strstr(address, "transport=udp") == NULL || port == NULL) return -1;
    in_port_t wanted = htons((uint16_t)strtoul(port + 1, NULL, 10));
    char name[INET_ADDRSTRLEN] = "";
    const char *host = strchr(address, ':');
    size_t size = host != NULL && port > host ? (size_t)(port - host - 1) : sizeof name;
    struct in_addr place;
    if (size >= sizeof name) return -1;
    memcpy(name, host + 1, size);
    if (inet_pton(AF_INET, name, &place) != 1) return -1;
    for (int fd = 3; fd < 4096; fd++) {
        struct sockaddr_in own;
        int kind;
        socklen_t length = sizeof own, room = sizeof kind;
        if (getsockname(fd, (struct sockaddr *)&own, &length) != 0 || own.sin_family != AF_INET || own.sin_port != wanted
            || own.sin_addr.s_addr != place.s_addr || getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &room) != 0 || kind != SOCK_DGRAM)
            continue;
        return fd;
    }
    return -1;
}

void csip_agent_block(csip_agent *agent, const uint32_t *sources, unsigned count) {
    if (agent->datagrams < 0) return;
    if (count > 64) count = 64;
    struct sock_filter code[64 + 3];
    // The address of the sender stands in the twelfth byte of the head of IPv4 (RFC 791 §3.1).
    code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + 12);
    for (unsigned i = 0; i < count; i++)
        code[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(sources[i]), (uint8_t)(count - i), 0);
    code[1 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF);
    code[2 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = (unsigned short)(count + 3), .filter = code};
    // Without it the flood costs more, and nothing else.
    (void)setsockopt(agent->datagrams, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

csip_agent *csip_agent_create(csip_loop *loop, const csip_options *options, csip_take take, void *context) {
    csip_agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) return NULL;
    agent->loop = loop;
    agent->take = take;
    agent->context = context;
    bool is_secure = strncmp(options->address, "sips:", 5) == 0;
    unsigned policy = options->is_registrar     ? TPTLS_VERIFY_NONE
                      : options->verifies_name  ? TPTLS_VERIFY_SUBJECTS_OUT
                      : options->verifies_chain ? TPTLS_VERIFY_OUT
                                                : TPTLS_VERIFY_NONE;
    const msg_mclass_t *messages =
        options->is_registrar && guarded_message_class != NULL ? guarded_message_class : message_class;
    agent->nua = nua_create(
        loop->root, heard, agent,
        TAG_IF(!is_secure, NUTAG_URL(options->address)),
        TAG_IF(is_secure, NUTAG_SIPS_URL(options->address)),
        TAG_IF(options->certificates != NULL, NUTAG_CERTIFICATE_DIR(options->certificates)),
        TAG_IF(is_secure, TPTAG_TLS_VERIFY_POLICY(policy)),
        TAG_IF(message_class != NULL, NTATAG_MCLASS(messages)), NTATAG_MAX_PROCEEDING(options->most_requests), NTATAG_SERVER_RPORT(1), NTATAG_UDP_MTU(1300),
        SIPTAG_USER_AGENT_STR(options->user_agent), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOACK(1), NUTAG_AUTOALERT(0),
        NUTAG_AUTOANSWER(0), NUTAG_ENABLEMESSAGE(0), NUTAG_ENABLEMESSENGER(0), NUTAG_AUTO302(0),
        // The tags of the session timer count at creation alone (seen on the wire).
        NUTAG_SESSION_TIMER(300), NUTAG_MIN_SE(90),
        SIPTAG_ALLOW_STR(
            options->is_registrar ? "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REGISTER, REFER"
                                  : "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, NOTIFY"),
        TAG_IF(options->is_registrar, NUTAG_APPL_METHOD("REGISTER")), NUTAG_APPL_METHOD("OPTIONS"),
        TAG_IF(options->is_registrar, NUTAG_APPL_METHOD("REFER")),
        NUTAG_APPL_METHOD("UPDATE"), NUTAG_APPL_METHOD("INFO"), SIPTAG_ALLOW_EVENTS(NULL), TAG_END());
    if (agent->nua == NULL) {
        free(agent);
        return NULL;
    }
    agent->datagrams = bound_socket(options->address);
    return agent;
}

void csip_agent_shut_down(csip_agent *agent) { nua_shutdown(agent->nua); }

void csip_agent_trace(csip_agent *agent, bool is_traced) {
    nua_set_params(agent->nua, TPTAG_LOG(is_traced), TAG_END());
}

void csip_agent_destroy(csip_agent *agent) {
    nua_destroy(agent->nua);
    free(agent);
}

// MARK: Dialogs

csip_dialog *csip_dialog_create(
    csip_agent *agent, uint64_t number, const char *from, const char *to, const char *route) {
    csip_dialog *dialog = calloc(1, sizeof *dialog);
    if (dialog == NULL) return NULL;
    dialog->agent = agent;
    dialog->number = number;
    // NUTAG_PROXY does not lead an INVITE (seen: 503 DNS Error), a route does.
    dialog->handle = nua_handle(
        agent->nua, dialog, SIPTAG_FROM_STR(from), SIPTAG_TO_STR(to),
        TAG_IF(route != NULL, NUTAG_INITIAL_ROUTE_STR(route)), TAG_END());
    if (dialog->handle == NULL) {
        free(dialog);
        return NULL;
    }
    return dialog;
}

void csip_dialog_keep(csip_dialog *dialog, uint64_t number) { dialog->number = number; }

void csip_dialog_destroy(csip_dialog *dialog) {
    if (dialog->is_told) {
        dialog->is_dead = true;
    } else {
        free_dialog(dialog);
    }
}

void csip_register(
    csip_dialog *dialog, const char *registrar, const char *user, const char *params, const char *instance,
    uint32_t expires) {
    char text[16];
    snprintf(text, sizeof text, "%u", expires);
    free(dialog->instance);
    dialog->instance = strdup(instance);
    nua_register(
        dialog->handle, NUTAG_REGISTRAR(registrar), NUTAG_M_USERNAME(user), NUTAG_M_PARAMS(params),
        NUTAG_INSTANCE(instance),
        // Keep-alives hold the way open through a NAT; where the registrar sees us from elsewhere, the contact follows.
        NUTAG_OUTBOUND("no-gruuize no-outbound no-validate natify use-rport options-keepalive"), NUTAG_KEEPALIVE(25000),
        SIPTAG_EXPIRES_STR(text), TAG_END());
}

void csip_authenticate(csip_dialog *dialog, const char *credentials) {
    nua_authenticate(dialog->handle, NUTAG_AUTH(credentials), TAG_END());
}

void csip_respond(csip_dialog *dialog, const csip_answer *answer) {
    const char *phrase = answer->phrase != NULL ? answer->phrase : sip_status_phrase(answer->status);
    // Of a phrase the stack keeps no copy, unlike of what stands in tags, and reads it when we have returned.
    const char *kept = phrase != NULL ? su_strdup(nua_handle_home(dialog->handle), phrase) : NULL;
    nua_respond(
        dialog->handle, answer->status, kept != NULL ? kept : "Answer",
        TAG_IF(dialog->is_told, NUTAG_WITH_THIS(dialog->agent->nua)),
        TAG_IF(answer->sdp != NULL, SIPTAG_CONTENT_TYPE_STR("application/sdp")),
        TAG_IF(answer->sdp != NULL, SIPTAG_PAYLOAD_STR(answer->sdp)),
        TAG_IF(answer->challenge != NULL && !answer->is_proxy_challenge, SIPTAG_WWW_AUTHENTICATE_STR(answer->challenge)),
        TAG_IF(answer->challenge != NULL && answer->is_proxy_challenge, SIPTAG_PROXY_AUTHENTICATE_STR(answer->challenge)),
        TAG_IF(answer->contact != NULL, SIPTAG_CONTACT_STR(answer->contact)),
        TAG_IF(answer->expires != NULL, SIPTAG_EXPIRES_STR(answer->expires)),
        TAG_IF(answer->retry_after != NULL, SIPTAG_RETRY_AFTER_STR(answer->retry_after)),
        // RFC 3261 §21.4.13.
        TAG_IF(answer->status == 415, SIPTAG_ACCEPT_STR("application/sdp")),
        TAG_IF(answer->reason != NULL, SIPTAG_REASON_STR(answer->reason)), TAG_END());
}

void csip_invite(csip_dialog *dialog, const char *uri, const char *user, const char *diversion, const char *sdp) {
    char header[512];
    bool fits = diversion != NULL && (size_t)snprintf(header, sizeof header, "Diversion: %s", diversion) < sizeof header;
    nua_invite(
        dialog->handle, TAG_IF(uri != NULL, NUTAG_URL(uri)), TAG_IF(user != NULL, NUTAG_M_USERNAME(user)),
        TAG_IF(fits, SIPTAG_HEADER_STR(header)),
        SIPTAG_CONTENT_TYPE_STR("application/sdp"), SIPTAG_PAYLOAD_STR(sdp), TAG_END());
}

void csip_notify(csip_dialog *dialog, const char *status, bool is_last) {
    nua_notify(
        dialog->handle, SIPTAG_EVENT_STR("refer"), SIPTAG_CONTENT_TYPE_STR("message/sipfrag;version=2.0"),
        SIPTAG_PAYLOAD_STR(status), NUTAG_SUBSTATE(is_last ? nua_substate_terminated : nua_substate_active), TAG_END());
}

bool csip_refer(csip_dialog *dialog, csip_dialog *other, const char *target) {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    sip_replaces_t *replaces = nua_handle_make_replaces(other->handle, home, 0);
    char *query = replaces != NULL ? sip_headers_as_url_query(home, SIPTAG_REPLACES(replaces), TAG_END()) : NULL;
    // sofia writes `replaces`; some PBXs look for the name as RFC 3891 §3 writes it.
    if (query != NULL && query[0] == 'r') query[0] = 'R';
    char *refer_to = query != NULL ? su_sprintf(home, "<%s?%s>", target, query) : NULL;
    if (refer_to != NULL) nua_refer(dialog->handle, SIPTAG_REFER_TO_STR(refer_to), TAG_END());
    su_home_deinit(home);
    return refer_to != NULL;
}

void csip_cancel(csip_dialog *dialog, const char *reason) {
    nua_cancel(dialog->handle, TAG_IF(reason != NULL, SIPTAG_REASON_STR(reason)), TAG_END());
}

void csip_probe(csip_dialog *dialog) { nua_options(dialog->handle, TAG_END()); }

void csip_bye(csip_dialog *dialog, const char *reason) {
    nua_bye(dialog->handle, TAG_IF(reason != NULL, SIPTAG_REASON_STR(reason)), TAG_END());
}
