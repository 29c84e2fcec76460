// Text forms of bytes and the hashes the server needs: base64 in both
// alphabets, hexadecimal, SHA-256. Pure functions, owned by nobody.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ros::runtime {

/// RFC 4648 section 4: standard alphabet, with padding.
std::string base64_encode(std::string_view bytes);
/// Standard alphabet; padding required, no white space, unused bits zero.
std::optional<std::string> base64_decode(std::string_view text);

/// RFC 4648 section 5: URL alphabet, without padding.
std::string base64url_encode(std::string_view bytes);
/// URL alphabet; padding may be present or absent, no white space.
std::optional<std::string> base64url_decode(std::string_view text);

/// Lowercase hexadecimal digits, two per byte.
std::string hex_encode(std::string_view bytes);

/// The 32 bytes of SHA-256.
std::string sha256(std::string_view bytes);

/// Length of the well-formed UTF-8 sequence at the front (1 to 4); 0 if there is none.
std::size_t utf8_sequence(std::string_view text) noexcept;

/// The text with every byte that is no part of well-formed UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// Leaves letters, digits and "-._~" as they are; every other byte becomes %XX.
std::string percent_encode(std::string_view text);

/// Replaces every well-formed %XX; nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// The decoded value of the first `name` in `a=b&c=d`; '+' stays one. Nothing if it is not
/// there or badly encoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
/// The same of the fields of an HTML form, in which '+' is a blank.
std::optional<std::string> form_value(std::string_view form, std::string_view name);

/// With '&', '<', '>', '"' and the apostrophe written so that they mean nothing to HTML.
std::string html_escape(std::string_view text);

} // namespace ros::runtime
