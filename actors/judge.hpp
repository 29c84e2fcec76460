// JUDGEs: decide for the PROVIDERs of others (http-api.md 4.5) whom credentials speak for.
// Each belongs to one OUTSIDE PROVIDER, which lends it a way to ask servers on the web.
#pragma once

#include "auth_messages.hpp"
#include "web_actors.hpp"

#include "runtime/json_text.hpp"

#include <boost/json/object.hpp>

#include <caf/expected.hpp>
#include <caf/optional.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ros::actors {

/// Whom credentials speak for.
struct verdict {
  std::string account_id;
  bool is_user_id = false; ///< the provider owns the ids of users: this is the user's, too
  caf::optional<bool> is_admin{};
  std::vector<metadata_row> metadata{};
};

/// Gets the verdict; fails with auth_ec::invalid_credentials, bad_parameter,
/// provider_unreachable, or as web_pool_actor does.
using verdict_handler = std::function<void(caf::expected<verdict>)>;

/// What a judge lives on.
struct judge_means {
  using answer_handler = std::function<void(caf::expected<web_answer>)>;
  std::function<void(web_call, answer_handler)> ask_web;
  std::function<std::int64_t()> now_s; ///< Unix seconds
};

class judge {
public:
  virtual ~judge() = default;
  virtual void examine(const credentials& presented, verdict_handler then) = 0;
};

// -- for judges ----------------------------------------------------------------

inline caf::error refused() {
  return caf::make_error(auth_ec::invalid_credentials);
}
inline caf::error unreachable(std::string why) {
  return caf::make_error(auth_ec::provider_unreachable, std::move(why));
}

using runtime::parse_object;
using runtime::string_member;

/// `a=b&c=d`, percent-encoded.
std::string
form_encode(std::initializer_list<std::pair<std::string_view, std::string_view>> members);
/// The JSON object of a 200 answer. Fails with auth_ec::invalid_credentials for 400, 401 and
/// 403, with provider_unreachable for anything else; `who` is for the log.
caf::expected<boost::json::object> read_answer(caf::expected<web_answer> answer,
                                               std::string_view who);

} // namespace ros::actors
