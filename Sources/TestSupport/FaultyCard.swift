internal import Glibc

/// A sound card that goes by the machine's clock, and fails when it is told to: a plug-in of the ALSA library, compiled when a test needs it.
///
/// What it hears are samples that count themselves. It can be opened once at a time, as a card can.
package struct FaultyCard: Sendable {
    /// One of its directions.
    package enum Half: String, Sendable, CaseIterable {
        case heard
        case played
    }

    /// What is wrong with a half.
    package enum Fault: String, Sendable, CaseIterable {
        case none = ""
        /// It moves in pieces of 53 samples, which are no part of a frame.
        case pieces = "s"
        /// Once it has run over, or dry.
        case rupture = "x"
        /// It ran over, or dry, and begins anew only when this is over.
        case waits = "w"
        /// Once the machine was asleep; it goes on by itself, as a driver that can do so has it.
        case sleeps = "p"
        /// It stands still.
        case stands = "d"
        /// Its device has left the bus.
        case gone = "g"
        /// The same once: opened anew, it is there again.
        case leaves = "l"
        /// The same, and it is not there to be opened.
        case missing = "m"
    }

    /// Whether there is what it is compiled by.
    package static let canBeMade = access("/usr/include/alsa/pcm_external.h", R_OK) == 0 && compiler != nil

    /// For the library's configuration, where its name is `faulty`.
    package let configuration: String
    private let orders: String

    /// Compiles it; nil where that can't be done.
    package init?(in directory: TemporaryDirectory) {
        let (source, library) = ("\(directory.path)/faulty.c", "\(directory.path)/faulty.so")
        guard let compiler = Self.compiler, (try? directory.write("faulty.c", Self.source.utf8)) != nil,
            system("\(compiler) -shared -fPIC -DPIC -Wall -Werror -o \(library) \(source) -lasound") == 0
        else { return nil }
        orders = "\(directory.path)/faulty"
        configuration = """
            pcm_type.faulty { lib "\(library)" }
            pcm.faulty { type faulty orders "\(orders)" }

            """
    }

    /// Has one half fail, or both, from now on.
    package func order(_ fault: Fault, _ halves: Half...) {
        for half in halves {
            guard let file = fopen("\(orders).\(half.rawValue)", "w") else { continue }
            fputs(fault.rawValue, file)
            fclose(file)
        }
    }

    private static let compiler = ["cc", "clang", "gcc"].first { system("command -v \($0) >/dev/null 2>&1") == 0 }

    // ioplug of alsa-lib 1.2: `pointer` says how far the card is, and a state of DISCONNECTED is what an unplugged card leaves.
    private static let source = #"""
        #include <alsa/asoundlib.h>
        #include <alsa/pcm_external.h>
        #include <fcntl.h>
        #include <sys/eventfd.h>
        #include <sys/file.h>
        #include <time.h>
        #include <unistd.h>

        struct card {
            snd_pcm_ioplug_t io;
            char orders[300];
            int lock;
            int runs;
            double begin;
            // Samples that the card's clock has come to, and that went over to the program or came from it.
            unsigned long place, moved;
            unsigned short sample;
        };

        static double now(void) {
            struct timespec time;
            clock_gettime(CLOCK_MONOTONIC, &time);
            return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
        }

        static char order(struct card *card) {
            char first = 0;
            int file = open(card->orders, O_RDONLY | O_CLOEXEC);
            if (file < 0) return 0;
            if (read(file, &first, 1) != 1) first = 0;
            close(file);
            return first;
        }

        static int prepare(snd_pcm_ioplug_t *io) {
            struct card *card = io->private_data;
            // As the kernel has it.
            if (card->runs) return -EBUSY;
            // 60 s at most.
            for (int turn = 0; turn < 6000 && order(card) == 'w'; turn++) usleep(10000);
            card->place = card->moved = 0;
            return 0;
        }

        static int start(snd_pcm_ioplug_t *io) {
            struct card *card = io->private_data;
            card->begin = now();
            card->runs = 1;
            return 0;
        }

        static int stop(snd_pcm_ioplug_t *io) {
            ((struct card *)io->private_data)->runs = 0;
            return 0;
        }

        static snd_pcm_sframes_t pointer(snd_pcm_ioplug_t *io) {
            struct card *card = io->private_data;
            char fault = order(card);
            unsigned long place;
            long waits;
            if (fault == 'l') unlink(card->orders);
            if (fault == 'g' || fault == 'l' || fault == 'm') snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
            else if (fault == 'p' && card->runs) {
                unlink(card->orders);
                snd_pcm_ioplug_set_state(io, SND_PCM_STATE_SUSPENDED);
            } else if (fault == 'x' && card->runs) {
                unlink(card->orders);
                return -EPIPE;
            } else if (fault == 'w' && card->runs) {
                card->runs = 0;
                return -EPIPE;
            } else if (fault != 'd' && card->runs) {
                place = (unsigned long)((now() - card->begin) * io->rate);
                card->place = fault == 's' ? place / 53 * 53 : place;
                waits = io->stream == SND_PCM_STREAM_CAPTURE ? (long)(card->place - card->moved)
                                                             : (long)(card->moved - card->place);
                if (waits < 0 || waits > (long)io->buffer_size) return -EPIPE;
            }
            return (snd_pcm_sframes_t)(card->place % io->buffer_size);
        }

        static snd_pcm_sframes_t transfer(
            snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t size
        ) {
            struct card *card = io->private_data;
            short *samples = (short *)((char *)areas->addr + areas->first / 8) + offset;
            if (io->stream == SND_PCM_STREAM_CAPTURE)
                for (snd_pcm_uframes_t index = 0; index < size; index++) samples[index] = (short)card->sample++;
            card->moved += size;
            return (snd_pcm_sframes_t)size;
        }

        static int leave(snd_pcm_ioplug_t *io) {
            struct card *card = io->private_data;
            close(card->lock);
            close(io->poll_fd);
            free(card);
            return 0;
        }

        static const snd_pcm_ioplug_callback_t calls = {
            .prepare = prepare, .start = start, .stop = stop, .pointer = pointer, .transfer = transfer, .close = leave
        };

        SND_PCM_PLUGIN_DEFINE_FUNC(faulty) {
            const char *path = "";
            snd_config_iterator_t at, next;
            snd_config_for_each(at, next, conf) {
                snd_config_t *entry = snd_config_iterator_entry(at);
                const char *id;
                if (snd_config_get_id(entry, &id) >= 0 && strcmp(id, "orders") == 0)
                    snd_config_get_string(entry, &path);
            }
            (void)root;
            struct card *card = calloc(1, sizeof *card);
            if (!card) return -ENOMEM;
            char lock[310];
            snprintf(card->orders, sizeof card->orders, "%.280s.%s", path,
                     stream == SND_PCM_STREAM_CAPTURE ? "heard" : "played");
            snprintf(lock, sizeof lock, "%s.lock", card->orders);
            card->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
            int status = order(card) == 'm' ? -ENODEV : flock(card->lock, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : 0;
            if (status < 0) {
                close(card->lock);
                free(card);
                return status;
            }
            card->io.version = SND_PCM_IOPLUG_VERSION;
            card->io.name = "a card that fails";
            card->io.callback = &calls;
            card->io.private_data = card;
            card->io.poll_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
            card->io.poll_events = POLLIN;
            status = snd_pcm_ioplug_create(&card->io, name, stream, mode);
            if (status < 0) {
                close(card->lock);
                close(card->io.poll_fd);
                free(card);
                return status;
            }
            unsigned access = SND_PCM_ACCESS_RW_INTERLEAVED, format = SND_PCM_FORMAT_S16_LE;
            snd_pcm_ioplug_set_param_list(&card->io, SND_PCM_IOPLUG_HW_ACCESS, 1, &access);
            snd_pcm_ioplug_set_param_list(&card->io, SND_PCM_IOPLUG_HW_FORMAT, 1, &format);
            snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 1);
            snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_RATE, 8000, 8000);
            snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 320, 320);
            snd_pcm_ioplug_set_param_minmax(&card->io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 2560, 2560);
            *pcmp = card->io.pcm;
            return 0;
        }
        SND_PCM_PLUGIN_SYMBOL(faulty);
        """#
}
