// Only what is used of speexdsp: the resampler at fixed ratios, the echo canceller, and the suppressor of what it leaves.
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <speex/speex_resampler.h>
