#include "error_message.hpp"

#include "message_fields.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ros::sync {

namespace {

using enum error_action;

struct known_error {
  int code;
  int sent_as;         ///< the code itself, or what clients bear instead
  error_action action; ///< with the code that is sent
  bool try_again = false;
  int since = oldest_protocol_version; ///< first version whose clients know it
};

/// Table 4.5, ascending.
constexpr known_error table[] = {
    {100, 100, transient, true},
    {101, 101, transient, true},
    {102, 102, protocol_violation},
    {103, 103, protocol_violation},
    {104, 103, protocol_violation},
    {106, 106, protocol_violation},
    {107, 107, protocol_violation},
    {108, 108, protocol_violation},
    {109, 109, protocol_violation},
    {110, 110, protocol_violation},
    {111, 111, protocol_violation},
    {112, 112, protocol_violation},
    {114, 114, application_bug, false, 3},
    {200, 200, transient, true},
    {201, 201, transient, true},
    {204, 204, application_bug},
    {205, 206, application_bug},
    {206, 206, application_bug},
    {207, 208, client_reset},
    {208, 208, client_reset},
    {209, 209, client_reset},
    {210, 210, client_reset},
    {211, 211, client_reset},
    {212, 212, application_bug},
    {214, 204, application_bug},
    {216, 216, protocol_violation},
    {217, 217, client_reset},
    {218, 217, client_reset},
    {219, 217, client_reset},
    {222, 222, client_reset},
    {223, 223, application_bug},
    {225, 225, client_reset_no_recovery},
};

/// Codes that io.realm.sync 22 and later know and send as they are (http-api.md 8.6,
/// column "Legacy"), ascending.
constexpr int legacy_codes[] = {100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
                                111, 112, 113, 200, 201, 202, 203, 204, 206, 208, 209,
                                210, 211, 212, 216, 217, 218, 219, 222, 223, 225};

/// What clients of versions before 22 know instead of codes above 109 and 212.
int earliest_code(int code) {
  switch (code) {
  case 110:
  case 111:
  case 112:
    return 103;
  case 217:
  case 218:
  case 219:
  case 223:
    return 208;
  case 222:
    return 209;
  case 216:
  case 225:
    return 212;
  default:
    return code;
  }
}

int legacy_code(int code, protocol spoken) {
  switch (code) {
  case 205:
    code = 206;
    break;
  case 207:
    code = 208;
    break;
  case 214:
    code = 204;
    break;
  case 220:
    code = 202;
    break;
  case 222:
    code = spoken.has_expired_files() ? 222 : 209;
    break;
  default:
    break;
  }
  if (!std::binary_search(std::begin(legacy_codes), std::end(legacy_codes), code))
    return code < 200 ? 101 : 201;
  return spoken.number() < last_early_legacy_version ? earliest_code(code) : code;
}

error_reply describe_legacy_error(int code, std::string message, protocol spoken) {
  const int sent_as = legacy_code(code, spoken);
  const bool temporary = sent_as == 100 || sent_as == 101 || sent_as == 200 || sent_as == 201;
  return {sent_as, std::move(message), protocol_violation, temporary};
}

std::string json_body(const error_reply& r) {
  auto flag = [](bool x) { return x ? "true" : "false"; };
  const bool resets = r.action == client_reset || r.action == client_reset_no_recovery;
  std::string out = "{\"isRecoveryModeDisabled\":";
  out += flag(r.action == client_reset_no_recovery);
  out += ",\"tryAgain\":";
  out += flag(r.try_again);
  out += ",\"message\":";
  out += quote_json(r.message);
  out += ",\"logURL\":\"\",\"shouldClientReset\":";
  out += flag(resets);
  out += ",\"action\":";
  out += quote_json(to_string(r.action));
  if (r.try_again && r.first_delay_s > 0) {
    out += ",\"backoffIntervalSec\":" + std::to_string(r.first_delay_s);
    out += ",\"backoffMaxDelaySec\":300,\"backoffMultiplier\":2";
  }
  out += '}';
  return out;
}

} // namespace

std::string_view to_string(error_action action) {
  switch (action) {
  case protocol_violation:
    return "ProtocolViolation";
  case application_bug:
    return "ApplicationBug";
  case transient:
    return "Transient";
  case client_reset:
    return "ClientReset";
  case client_reset_no_recovery:
    return "ClientResetNoRecovery";
  }
  return "ApplicationBug";
}

bool is_authentication_error(int code, protocol spoken) {
  return !spoken.is_legacy() && (code == 202 || code == 203 || code == 220);
}

bool drops_connection(const error_reply& reply, protocol spoken) {
  return spoken.is_legacy() && reply.try_again && reply.code >= 200;
}

error_reply describe_error(int code, std::string message, protocol spoken) {
  if (spoken.is_legacy())
    return describe_legacy_error(code, std::move(message), spoken);
  const auto* found = std::find_if(std::begin(table), std::end(table), [&](const auto& x) {
    return x.code == code && x.since <= spoken.number();
  });
  if (found == std::end(table))
    return {code < 200 ? 101 : 201, std::move(message), transient, true};
  return {found->sent_as, std::move(message), found->action, found->try_again};
}

error_reply describe_feature_refusal(std::uint32_t feature_level, protocol spoken) {
  auto message =
      "this Realm uses features of sync protocol version " + std::to_string(feature_level) +
      ", the app's Realm SDK speaks " +
      (spoken.is_legacy() ? spoken.name() : "version " + std::to_string(spoken.number())) + ": ";
  if (feature_level > 6)
    message += "an SDK with Realm Core 14.7 or later is needed";
  else if (feature_level > 3)
    message += "an SDK with Realm Core 12.1 or later is needed";
  else
    message += "an SDK with Realm Core 11.0 or later is needed";
  // Without actions 201 would be silent, 212 is reported and leaves the file alone.
  return {spoken.has_actions() ? 201 : 212, std::move(message), application_bug, false};
}

std::string make_error(session_ident session, const error_reply& reply, protocol spoken) {
  const auto code = static_cast<std::int64_t>(reply.code);
  if (!spoken.has_json_errors()) {
    const std::uint64_t again = reply.try_again ? 1 : 0;
    const auto text = readable(reply.message);
    return make_head("error", code, std::uint64_t{text.size()}, again, session) + text;
  }
  const auto body = json_body(reply);
  return make_head("json_error", code, std::uint64_t{body.size()}, session) + body;
}

} // namespace ros::sync
