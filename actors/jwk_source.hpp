// Where a JUDGE of JWTs has its keys from: the configuration, or a JWK set on the web that
// is kept and read again when it is old or a token names a key that is not in it.
#pragma once

#include "judge.hpp"

#include "runtime/foreign_jwt.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ros::actors {

class jwk_source {
public:
  using keys = std::vector<runtime::jwt_key>;
  using handler = std::function<void(caf::expected<keys>)>;

  virtual ~jwk_source() = default;
  /// The keys that may have signed a token with this key id ("" if it names none); maybe
  /// none. Fails as web_pool_actor does while none are known.
  virtual void find(const std::string& key_id, handler then) = 0;
};

std::unique_ptr<jwk_source> fixed_keys(jwk_source::keys keys);

struct jwk_set_location {
  std::string url;
  /// The document at `url` is an OpenID configuration whose "jwks_uri" leads to the set.
  bool is_openid_configuration = false;
  std::string who; ///< for the log
};

/// `max_age_s`: a set is read again after this time; `min_age_s`: not before, whatever keys
/// tokens name.
struct jwk_set_ages {
  std::int64_t max_age_s = 3600;
  std::int64_t min_age_s = 30;
};

std::unique_ptr<jwk_source> keys_on_web(judge_means means, jwk_set_location where,
                                        jwk_set_ages ages = {});

} // namespace ros::actors
