/// What libphonenumber knows about a number, as plain C: no C++ type and no exception crosses this border.
///
/// Everything here may be called from any thread. The library's tables are read at the first call, which takes some
/// milliseconds; nothing is read before it.
#ifndef CPHONENUMBER_H
#define CPHONENUMBER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What became of a text.
enum cpn_outcome {
    /// A number, whether plausible or not.
    CPN_NUMBER = 0,
    /// Its country code is none, or there is none and no region says which to take.
    CPN_UNKNOWN_COUNTRY = 1,
    /// Nothing that the library takes for a number.
    CPN_UNREADABLE = 2,
    /// The library failed, for want of memory for example.
    CPN_FAILED = 3,
};

/// What kind of number it is by its country's plan.
enum cpn_kind {
    CPN_FIXED = 0,
    CPN_MOBILE = 1,
    CPN_FIXED_OR_MOBILE = 2,
    CPN_TOLL_FREE = 3,
    CPN_PREMIUM = 4,
    CPN_SHARED_COST = 5,
    CPN_VOIP = 6,
    CPN_PERSONAL = 7,
    CPN_PAGER = 8,
    CPN_CORPORATE = 9,
    CPN_VOICEMAIL = 10,
    /// In no range that is known to be in use.
    CPN_UNKNOWN_KIND = 11,
};

/// Whether numbers of this length exist in the country.
enum cpn_length {
    CPN_POSSIBLE = 0,
    /// Only where the area code may be left out.
    CPN_LOCAL_ONLY = 1,
    CPN_TOO_SHORT = 2,
    CPN_TOO_LONG = 3,
    /// Neither, but no number has it.
    CPN_NO_SUCH_LENGTH = 4,
};

/// How the country code was found.
enum cpn_origin {
    CPN_NATIONAL = 0,
    CPN_PLUS = 1,
    CPN_INTERNATIONAL_PREFIX = 2,
    /// It stood there without anything in front.
    CPN_BARE_COUNTRY_CODE = 3,
};

/// A number as the library reads it. Texts end with a zero byte and are empty where there is nothing to say.
struct cpn_number {
    enum cpn_kind kind;
    enum cpn_length length;
    enum cpn_origin origin;
    int32_t country_code;
    /// Whether it lies in a range that is in use anywhere under this country code.
    bool valid;
    /// Whether it lies in a range that is in use in the region that was asked for.
    bool valid_in_region;
    /// The region that it belongs to, `001` for a country code without a country.
    char region[4];
    /// The digits of E.164, without `+`.
    char e164[24];
    /// The digits as dialled inside its own country.
    char national[32];
    /// The code of another carrier that was dialled along with it.
    char carrier[12];
};

/// What a short number costs.
enum cpn_short {
    CPN_NOT_SHORT = 0,
    CPN_SHORT_TOLL_FREE = 1,
    CPN_SHORT_STANDARD = 2,
    CPN_SHORT_PREMIUM = 3,
    CPN_SHORT_UNKNOWN = 4,
};

/// Reads a number that consists of digits behind an optional `+`.
///
/// `region` is a code of ISO 3166-1 in capitals; both texts end with a zero byte. `number` is always filled.
enum cpn_outcome cpn_read(const char *text, const char *region, struct cpn_number *number);

/// Whether digits that are dialled as they stand are a short number in a region, and what they cost there.
enum cpn_short cpn_short_number(const char *digits, const char *region);

/// The country code of a region; 0 where the library does not know the region.
int32_t cpn_country_code(const char *region);

/// Copies the codes of all regions that the library knows, in their order and separated by spaces, and returns their
/// number; `capacity` counts the zero byte behind them. -1 where they do not fit or the library failed.
int32_t cpn_regions(char *codes, int32_t capacity);

#ifdef __cplusplus
}
#endif

#endif
