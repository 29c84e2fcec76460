// The text of mails as they go out (operations.md 2.6; RFC 5322, 2045 to 2047). Pure; owned
// by the MAILER.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ros::actors {

/// What a mail says. `$url`, `$token`, `$tokenId` and `$email` are replaced; in HTML their
/// values are escaped.
struct mail_template {
  std::string subject;
  std::string text;
  std::string html{}; ///< empty: text only
};

struct mail_values {
  std::string url; ///< of the page that takes the token
  std::string token;
  std::string token_id;
  std::string email;
};

struct mail_head {
  std::string from, to;     ///< bare addresses
  std::string message_id;   ///< without angle brackets
  std::int64_t unix_ms = 0; ///< date
};

/// A whole mail, lines end with CRLF.
std::string make_mail(const mail_head& head, const mail_template& form, const mail_values& values);

/// The built-in texts.
mail_template reset_template();
mail_template confirm_template();

/// Whether this can be an address to send mail to: "local@domain", printable ASCII without
/// what has a meaning in a mail's head.
bool is_mail_address(std::string_view text);

/// What stands for a token in the App-Services API beside it (http-api.md 9.6).
std::string mail_token_id(std::string_view token);

} // namespace ros::actors
