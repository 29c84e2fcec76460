// What must hold for any bytes given to the parser of client messages. Shared by
// the fuzzer and by the test that mutates captured messages.
#pragma once

#include "sync/message.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace ros::sync::testing {

/// What is wrong with the entries of an upload; empty if nothing is.
inline std::string unpack_problem(const upload_message& upload) {
  constexpr std::uint64_t max_size = 100'000;
  const auto entries = unpack(upload, max_size);
  if (!entries) {
    const int code = entries.error().protocol_code;
    const bool known = code == 104 || (code >= 110 && code <= 112);
    return known ? "" : "refused with code " + std::to_string(code);
  }
  std::uint64_t size = 0;
  for (const auto& e : *entries)
    size += e.change.data.size();
  if (upload.uncompressed_size > max_size || size > upload.uncompressed_size)
    return "entries are longer than their body";
  return "";
}

/// What is wrong with how a message was read; empty if nothing is.
inline std::string message_problem(std::string text, protocol spoken) {
  const bytes frame{std::move(text)};
  const auto m = parse_client_message(frame, spoken);
  if (!m) {
    const int code = m.error().protocol_code;
    const bool known = code == 102 || code == 103 || (code == 105 && spoken.is_legacy());
    return known ? "" : "refused with code " + std::to_string(code);
  }
  if (!frame.view().starts_with(name_of(*m)))
    return "taken for another message";
  constexpr auto beyond = std::uint64_t{1} << 63;
  if (session_of(*m) >= beyond)
    return "session ident out of range";
  if (const auto* b = std::get_if<bind_message>(&*m))
    if (b->path.empty() || b->path.size() > 1024 || b->token.size() > 16 * 1024)
      return "limits of bind are not kept";
  if (spoken.is_legacy())
    static_cast<void>(parse_heartbeat(frame.view()));
  const auto* upload = std::get_if<upload_message>(&*m);
  return upload ? unpack_problem(*upload) : "";
}

} // namespace ros::sync::testing
