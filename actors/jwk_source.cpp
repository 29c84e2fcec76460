#include "jwk_source.hpp"

#include "runtime/log.hpp"
#include "runtime/web_client.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace ros::actors {

namespace {

/// Log-ins that wait for one set of keys.
constexpr std::size_t most_waiting = 1000;

class fixed final : public jwk_source {
public:
  explicit fixed(keys x) : keys_(std::move(x)) {}
  void find(const std::string&, handler then) override { then(keys_); }

private:
  keys keys_;
};

class on_web final : public jwk_source {
public:
  on_web(judge_means means, jwk_set_location where, jwk_set_ages ages)
      : means_(std::move(means)), where_(std::move(where)), ages_(ages) {}

  void find(const std::string& key_id, handler then) override {
    const auto age = means_.now_s() - tried_s_;
    const bool is_old = set_.empty() || means_.now_s() - read_s_ >= ages_.max_age_s;
    if (reading_ || ((is_old || fitting(key_id).empty()) && (age >= ages_.min_age_s || age < 0))) {
      if (waiting_.size() >= most_waiting)
        return then(caf::make_error(ec::overloaded, std::string{"too many log-ins wait"}));
      waiting_.emplace_back(key_id, std::move(then));
      read();
    } else {
      answer(key_id, then);
    }
  }

private:
  [[nodiscard]] keys fitting(const std::string& key_id) const {
    keys out;
    for (const auto& [id, key] : set_)
      if (key_id.empty() || id == key_id)
        out.push_back(key);
    return out;
  }

  void answer(const std::string& key_id, const handler& then) {
    if (set_.empty())
      then(unreachable(where_.who + ": its keys are not known"));
    else
      then(fitting(key_id));
  }

  /// Those who come while it reads wait for the same answer.
  void read() {
    if (reading_)
      return;
    reading_ = true;
    tried_s_ = means_.now_s();
    if (!where_.is_openid_configuration)
      return read_set(where_.url);
    means_.ask_web(web_call{"GET", where_.url}, [this](caf::expected<web_answer> answer) {
      const auto document = read_answer(std::move(answer), where_.who);
      const auto url = document ? string_member(*document, "jwks_uri") : std::string{};
      if (!runtime::is_web_url(url))
        return finish("its OpenID configuration cannot be read");
      read_set(url);
    });
  }

  void read_set(const std::string& url) {
    means_.ask_web(web_call{"GET", url}, [this](caf::expected<web_answer> answer) {
      if (!answer || answer->status != 200)
        return finish("its keys cannot be read");
      auto set = runtime::read_jwk_set(answer->body);
      if (!set || set->empty())
        return finish("its keys cannot be used");
      set_ = std::move(*set);
      read_s_ = means_.now_s();
      finish({});
    });
  }

  /// With the old keys if there are no new ones.
  void finish(const std::string& problem) {
    if (!problem.empty())
      log::warn("auth: {}: {}", where_.who, problem);
    reading_ = false;
    auto waiting = std::move(waiting_);
    waiting_.clear();
    for (const auto& [key_id, then] : waiting)
      answer(key_id, then);
  }

  judge_means means_;
  jwk_set_location where_;
  jwk_set_ages ages_;
  std::vector<std::pair<std::string, runtime::jwt_key>> set_;
  std::int64_t read_s_ = 0;
  std::int64_t tried_s_ = std::numeric_limits<std::int64_t>::min() / 2;
  bool reading_ = false;
  std::vector<std::pair<std::string, handler>> waiting_;
};

} // namespace

std::unique_ptr<jwk_source> fixed_keys(jwk_source::keys keys) {
  return std::make_unique<fixed>(std::move(keys));
}

std::unique_ptr<jwk_source> keys_on_web(judge_means means, jwk_set_location where,
                                        jwk_set_ages ages) {
  return std::make_unique<on_web>(std::move(means), std::move(where), ages);
}

} // namespace ros::actors
