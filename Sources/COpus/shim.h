// What is used of libopus. Its controls are variadic, which Swift does not call: each gets a function here.
#include <opus/opus.h>

static inline int copus_set_bitrate(OpusEncoder *encoder, opus_int32 bits) {
    return opus_encoder_ctl(encoder, OPUS_SET_BITRATE(bits));
}

static inline int copus_set_complexity(OpusEncoder *encoder, opus_int32 value) {
    return opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(value));
}

static inline int copus_set_loss(OpusEncoder *encoder, opus_int32 percent) {
    int status = opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(percent > 0));
    return status == OPUS_OK ? opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(percent)) : status;
}
