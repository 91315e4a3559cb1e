#include "CPhoneNumber.h"

#include <cstring>
#include <set>
#include <string>

#include <phonenumbers/phonenumberutil.h>
#include <phonenumbers/shortnumberinfo.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using i18n::phonenumbers::ShortNumberInfo;

namespace {

// The enumerations are told twice so that no header of the library is needed to read ours; they must not drift apart.
static_assert(int(CPN_FIXED) == PhoneNumberUtil::FIXED_LINE && int(CPN_MOBILE) == PhoneNumberUtil::MOBILE
              && int(CPN_FIXED_OR_MOBILE) == PhoneNumberUtil::FIXED_LINE_OR_MOBILE
              && int(CPN_TOLL_FREE) == PhoneNumberUtil::TOLL_FREE && int(CPN_PREMIUM) == PhoneNumberUtil::PREMIUM_RATE
              && int(CPN_SHARED_COST) == PhoneNumberUtil::SHARED_COST && int(CPN_VOIP) == PhoneNumberUtil::VOIP
              && int(CPN_PERSONAL) == PhoneNumberUtil::PERSONAL_NUMBER && int(CPN_PAGER) == PhoneNumberUtil::PAGER
              && int(CPN_CORPORATE) == PhoneNumberUtil::UAN && int(CPN_VOICEMAIL) == PhoneNumberUtil::VOICEMAIL
              && int(CPN_UNKNOWN_KIND) == PhoneNumberUtil::UNKNOWN);

const PhoneNumberUtil &library() {
    static const PhoneNumberUtil *const shared = PhoneNumberUtil::GetInstance();
    return *shared;
}

const ShortNumberInfo &shortNumbers() {
    // Never destroyed: a thread may still read a number while the process leaves.
    static const ShortNumberInfo *const shared = new ShortNumberInfo();
    return *shared;
}

/// Copies what fits whole; what does not is left empty, for half a number is another number.
template <size_t size> void copy(const std::string &text, char (&target)[size]) {
    if (text.size() < size) std::memcpy(target, text.c_str(), text.size() + 1);
}

std::string digitsOf(const std::string &text) {
    std::string digits;
    for (const char character : text) {
        if (character >= '0' && character <= '9') digits += character;
    }
    return digits;
}

cpn_length lengthOf(const PhoneNumber &number) {
    switch (library().IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE: return CPN_POSSIBLE;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: return CPN_LOCAL_ONLY;
    case PhoneNumberUtil::TOO_SHORT: return CPN_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG: return CPN_TOO_LONG;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
    case PhoneNumberUtil::INVALID_LENGTH: break;
    }
    return CPN_NO_SUCH_LENGTH;
}

cpn_origin originOf(const PhoneNumber &number) {
    switch (number.country_code_source()) {
    case PhoneNumber::FROM_NUMBER_WITH_PLUS_SIGN: return CPN_PLUS;
    case PhoneNumber::FROM_NUMBER_WITH_IDD: return CPN_INTERNATIONAL_PREFIX;
    case PhoneNumber::FROM_NUMBER_WITHOUT_PLUS_SIGN: return CPN_BARE_COUNTRY_CODE;
    case PhoneNumber::FROM_DEFAULT_COUNTRY:
    case PhoneNumber::UNSPECIFIED: break;
    }
    return CPN_NATIONAL;
}

cpn_outcome outcomeOf(PhoneNumberUtil::ErrorType error, cpn_number &number) {
    switch (error) {
    case PhoneNumberUtil::NO_PARSING_ERROR: return CPN_NUMBER;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return CPN_UNKNOWN_COUNTRY;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN: number.length = CPN_TOO_SHORT; break;
    case PhoneNumberUtil::TOO_LONG_NSN: number.length = CPN_TOO_LONG; break;
    case PhoneNumberUtil::NOT_A_NUMBER: break;
    }
    return CPN_UNREADABLE;
}

cpn_outcome read(const std::string &text, const std::string &region, cpn_number &number) {
    PhoneNumber parsed;
    const auto outcome = outcomeOf(library().ParseAndKeepRawInput(text, region, &parsed), number);
    if (outcome != CPN_NUMBER) return outcome;
    number.kind = cpn_kind(library().GetNumberType(parsed));
    number.length = lengthOf(parsed);
    number.origin = originOf(parsed);
    number.country_code = parsed.country_code();
    number.valid = library().IsValidNumber(parsed);
    number.valid_in_region = library().IsValidNumberForRegion(parsed, region);
    std::string written;
    library().GetRegionCodeForNumber(parsed, &written);
    // "ZZ" is the library's word for nowhere.
    if (written != "ZZ") copy(written, number.region);
    library().Format(parsed, PhoneNumberUtil::E164, &written);
    copy(digitsOf(written), number.e164);
    library().Format(parsed, PhoneNumberUtil::NATIONAL, &written);
    copy(digitsOf(written), number.national);
    copy(parsed.preferred_domestic_carrier_code(), number.carrier);
    return CPN_NUMBER;
}

cpn_short shortNumber(const std::string &digits, const std::string &region) {
    if (digits.empty() || digits.size() > 17) return CPN_NOT_SHORT;
    PhoneNumber number;
    number.set_country_code(library().GetCountryCodeForRegion(region));
    // As it stands: what begins with the region's trunk prefix must not lose it, which parsing would see to.
    size_t zeros = 0;
    while (zeros + 1 < digits.size() && digits[zeros] == '0') zeros++;
    if (zeros > 0) {
        number.set_italian_leading_zero(true);
        number.set_number_of_leading_zeros(int32_t(zeros));
    }
    number.set_national_number(std::stoull(digits));
    if (!shortNumbers().IsValidShortNumberForRegion(number, region)) return CPN_NOT_SHORT;
    switch (shortNumbers().GetExpectedCostForRegion(number, region)) {
    case ShortNumberInfo::TOLL_FREE: return CPN_SHORT_TOLL_FREE;
    case ShortNumberInfo::STANDARD_RATE: return CPN_SHORT_STANDARD;
    case ShortNumberInfo::PREMIUM_RATE: return CPN_SHORT_PREMIUM;
    case ShortNumberInfo::UNKNOWN_COST: break;
    }
    return CPN_SHORT_UNKNOWN;
}

} // namespace

enum cpn_outcome cpn_read(const char *text, const char *region, struct cpn_number *number) {
    std::memset(number, 0, sizeof *number);
    number->kind = CPN_UNKNOWN_KIND;
    number->length = CPN_NO_SUCH_LENGTH;
    try {
        return read(text, region, *number);
    } catch (...) {
        return CPN_FAILED;
    }
}

enum cpn_short cpn_short_number(const char *digits, const char *region) {
    try {
        return shortNumber(digits, region);
    } catch (...) {
        return CPN_SHORT_UNKNOWN;
    }
}

int32_t cpn_country_code(const char *region) {
    try {
        return library().GetCountryCodeForRegion(region);
    } catch (...) {
        return 0;
    }
}

int32_t cpn_regions(char *codes, int32_t capacity) {
    try {
        std::set<std::string> regions;
        library().GetSupportedRegions(&regions);
        std::string joined;
        for (const auto &region : regions) joined += (joined.empty() ? "" : " ") + region;
        if (capacity < 0 || joined.size() >= size_t(capacity)) return -1;
        std::memcpy(codes, joined.c_str(), joined.size() + 1);
        return int32_t(regions.size());
    } catch (...) {
        return -1;
    }
}
