/// The starting file that `gsmbridge config init` writes.
///
/// A line that begins with `#` and no space behind it is a setting to uncomment; with a space it is an explanation. The
/// file passes the check as it is, and also with every such setting uncommented.
package enum ConfigurationTemplate {
    /// The file's text.
    package static let text = """
        # Configuration of gsmbridge.
        #
        # Check it after each change:  gsmbridge config check --config FILE
        # See what holds:              gsmbridge config show --config FILE
        #
        # Uncomment what you need: lines without a space behind the '#' are settings.
        # Durations have a unit: 1500ms, 2s, 10m, 1h. Secrets never stand in this file: a key that needs one names a
        # credential of systemd ('credential: NAME') or a private file of mode 0600 ('file: PATH').

        gateway:
          # How national numbers are read: the country's two letters.
          region: DE
          # What this box is called in lists and events. Default: the host's name.
          #name: cabin
          # Where the call log lies. Default: /var/lib/gsmbridge, or the user's own state directory.
          #state_dir: /var/lib/gsmbridge
          # The service's control socket. Default: in /run/gsmbridge, or the user's own runtime directory.
          #socket: /run/gsmbridge/control.sock
          # How long a call may wait for a modem when all are busy.
          #queue_for: 60s
          # How long live calls may go on when the service is to stop; then they are hung up.
          #grace: 10s
          # Which of several free modems makes a call: best_signal, round_robin or least_used.
          #modem_choice: best_signal
          # A call that nobody expects: ignore (let it ring), reject, ask (gsmbridge answer or hangup), or answer.
          #unknown_callers: ignore
          # A call that a crashed service left up: hang_up, or adopt (go on with it, if nothing about it is in doubt).
          #after_crash: hang_up

        # Every usable modem is taken by itself. An entry here gives one a name, a PIN or settings.
        modems:
          # The name; 'match' is one of imei, iccid, usb_path (as in /sys/bus/usb/devices) and tty.
          #o2:
            #match: { imei: "353535011111116" }
            # The number of its SIM, which PBXs are told to call back; of one modem alone, own_number of the PBX will do.
            #number: "+4915112345678"
            # The SIM's PIN, if it asks for one.
            #pin: { credential: sim-pin }
          #serial:
            #match: { tty: /dev/ttyUSB2 }
            # What its calls cost (below tariffs), here and abroad, and limits of its own (the keys of policy).
            #tariff: basic
            #roaming_tariff: abroad
            #limits: { max_calls_per_day: 50 }
            # Only for modems on a real serial line; USB sticks ignore both.
            #baud: 115200
            #rtscts: false

        # The PBXs; the first one with a callthrough is taken unless a command names another.
        pbx:
          #office:
            # fonial, placetel, sipgate, asterisk_ari, fritzbox, twilio, generic, or dtmf: tones alone, without HTTP.
            #profile: asterisk_ari
            #url: https://pbx.example.net:8089/ari
            #user: gsmbridge
            #password: { credential: ari-password }
            # The modem calls the PBX, and the PBX calls the target.
            #callthrough:
              #access_number: "+4922166966966"
              # The pause between the answer and the first tone.
              #settle: 1500ms
              # The tones: digits * #, ',' pauses 2 s, 'w' half a second; {pin}, {target} and {token} are filled in.
              #script: "{pin}# ,, {target}#"
              #pin: { credential: office-pin }
              # How the PBX wants the target: national (030...), e164 (4930...) or 00 (004930...).
              #number_format: national
              # How long each tone lasts, and the silence behind it.
              #tone: 120ms
              #gap: 120ms
            # The PBX holds a caller and rings the modem from one of these numbers.
            #reverse:
              #ring_from: ["+4922166966960"]
              # answer: take the call; dial_back: refuse it, and fetch the caller by a call to the PBX.
              #mode: answer
              # auto: every caller is taken; ask: somebody decides (gsmbridge answer or hangup).
              #accept: auto
            # The PBX is asked to call the modem, from one of these numbers.
            #callback:
              #ring_from: ["+4922166966961"]
              #expect_within: 30s
            # What its calls cost, for --via auto.
            #tariff: landline
            # The number of the SIM, which the PBX calls back and recognises; the number that it shows to the target.
            #own_number: "+4915112345678"
            #caller_id: "+4922166966966"
            # How numbers are written in requests (e164, plus_e164, 00, national), and what goes before them.
            #request_format: plus_e164
            #number_prefix: "0"
            # A CA of your own: then only its certificates are trusted.
            #ca_file: /etc/gsmbridge/office-ca.pem
            # asterisk_ari: how a number is called, and the context of the dialplan that calls targets.
            #endpoint: "PJSIP/{number}@trunk"
            #context: from-gsmbridge
          #asterisk:
            #profile: asterisk_ari
            #url: http://127.0.0.1:8088/ari
            #user: gsmbridge
            #password: { credential: ari-password }
            # Callers are held and joined by this box, as the application of this name (docs/pbx/asterisk.md).
            #app: cabin
            #callthrough: { access_number: "+4922166966966" }
            #reverse: { ring_from: ["+4922166966962"], mode: dial_back }
          #cloud:
            #profile: twilio
            #url: https://api.twilio.com/2010-04-01
            #user: SK00000000000000000000000000000001
            #password: { credential: twilio-key }
            # The account, when the user is a key of it.
            #account: AC00000000000000000000000000000001
            # The PBX tells this box what happens, and asks what to do.
            #webhook:
              #public_url: https://box.example.net/pbx/cloud
              # What it signs with; a second one while it is being changed.
              #secret: { credential: twilio-token }
              #previous_secret: { credential: twilio-token-before }
              # A call that is neither expected nor ours: pass, reject, hold or forward.
              #incoming: forward
              #forward_to: ["+4922166966966"]
          #phone:
            #profile: fonial
            #url: https://kundenkonto.fonial.de/api/2.0
            #user: "123456"
            #password: { credential: fonial }
            # What the PBX rings first.
            #device: "10"
            # The body of /call/initiate, as fonial's support tells it.
            #callback_body: '{"sid": "{session}", "device": "{device}", "number": "{target}"}'
          #own:
            #profile: generic
            #url: http://pbx.lan/api
            # Only where the network between is yours: anybody in it can read everything.
            #plain_http: true
            # Each action that the PBX knows; without this block, the project's own contract (docs/pbx/generic.md).
            #requests:
              #authorization: auto
              #request_callback:
                #method: POST
                #path: /dial
                #body: '{"from": "{caller}", "to": "{target}"}'
                #body_type: json
                #headers: ["X-Box: gsmbridge"]
                #idempotent: false
                #reply: { reference: "/call/id" }

        policy:
          # Classes: home (fixed and mobile numbers of the region), toll_free, international, premium, shared_cost,
          # satellite, short, call_by_call. What is in neither list is refused; emergency calls always pass.
          allow: [home]
          deny: [premium, shared_cost, satellite, international]
          # How long a call may last, and how many may be begun within an hour.
          max_duration: 60m
          max_calls_per_hour: 20
          # One country on top of 'allow': write allow_prefixes: ["+43"], and take international out of deny.
          # Numbers that are refused whatever is allowed:
          #deny_prefixes: ["+49176"]
          # More limits, of all modems together; minutes are talked ones, a month is one of the calendar.
          #max_calls_per_minute: 5
          #max_calls_per_day: 100
          #max_minutes_per_day: 240
          #max_minutes_per_month: 2000
          # Needs a tariff for every modem that is called with.
          #max_cost_per_day: 5.00
          #max_cost_per_month: 50.00
          #currency: EUR
          # No call is begun in these hours, by the clock on the wall.
          #quiet_hours: ["22:00-07:00"]
          # Which methods --via auto may take, the preferred one first. Default: the cheapest.
          #prefer: [callthrough, callback, direct]

        # What calls cost: for max_cost_... and for --via auto.
        tariffs:
          #basic:
            #prices:
              # The price of each class; setup is paid once a call, 60/60 bills whole minutes, 1/1 seconds.
              #home: { per_minute: 0.09, setup: 0, billing: 60/60 }
              #international: { per_minute: 1.99 }
            # Minutes that are paid for already, renewed on a day of the month.
            #free_minutes:
              #flat: { minutes: 200, classes: [home], reset_day: 1 }
          #landline:
            #prices: { home: { per_minute: 0.01, billing: 1/1 } }
          #abroad:
            #prices: { home: { per_minute: 0.19 }, international: { per_minute: 0.19 } }
            # What it costs to be called.
            #incoming: { per_minute: 0.05, billing: 1/1 }

        calls:
          # How many days the call log shows whole numbers; behind that their last three digits are masked.
          detail_days: 7

        # The service is always reached over its socket; over TCP only if it says so here.
        control:
          # An IP address and a port. Beyond 127.0.0.1 put a reverse proxy with TLS in front.
          #listen: 127.0.0.1:8080
          # What every request over TCP must bring, at least 16 characters: gsmbridge token new
          #token: { credential: control-token }
          # Another one, good for status, modems and metrics alone.
          #read_token: { credential: control-read-token }
          # The names under which a reverse proxy is asked.
          #names: [box.example.net]

        # What PBXs tell this box (their block webhook), and what this box tells others.
        webhooks:
          # Where PBXs reach it; beyond 127.0.0.1 give it a certificate, or put a reverse proxy with TLS in front.
          #listen: 127.0.0.1:8081
          # What PBXs call it: their address is this and /pbx/NAME.
          #public_url: https://box.example.net
          #tls: { certificate: /etc/gsmbridge/box.pem, key: { credential: box-key } }
          # Events are sent to these URLs, signed as Standard Webhooks.
          #notify:
            #- url: https://ops.example.net/gsmbridge
              #secret: { credential: ops-secret }
              # A second one while it is being changed.
              #previous_secret: { credential: ops-secret-before }
              # Names, or families such as call.*; all, unless it says so.
              #events: [call.ended, modem.*]
              #ca_file: /etc/gsmbridge/ops-ca.pem
              # Only where the network between is yours: anybody in it can read everything.
              #plain_http: false

        """
}
