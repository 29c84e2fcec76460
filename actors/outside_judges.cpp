#include "outside_judges.hpp"

#include "runtime/dates.hpp"
#include "runtime/encoding.hpp"
#include "runtime/foreign_jwt.hpp"
#include "runtime/log.hpp"
#include "runtime/web_client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace json = boost::json;

namespace ros::actors {

namespace {

caf::error missing(const char* name) {
  return caf::make_error(auth_ec::bad_parameter, std::string{name});
}

/// A number, or its decimal text as Google sends it.
std::int64_t integer_member(const json::object& x, std::string_view name) {
  const auto* value = x.if_contains(name);
  if (value && value->is_int64())
    return value->get_int64();
  const auto text = string_member(x, name);
  std::int64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

void add_row(std::vector<metadata_row>& rows, std::string_view key, std::string value) {
  if (!value.empty())
    rows.push_back({std::string{key}, std::move(value)});
}

// -- google ------------------------------------------------------------------------

class google final : public judge {
public:
  google(judge_means means, google_rules rules)
      : means_(std::move(means)), rules_(std::move(rules)) {}

  void examine(const credentials& x, verdict_handler then) override {
    const auto extras = parse_object(x.extras);
    const auto code = extras ? string_member(*extras, "authCode") : std::string{};
    if (!x.data.empty())
      check(x.data, std::move(then));
    else if (!code.empty() && !rules_.client_secret.empty())
      redeem(code, std::move(then));
    else
      then(missing(code.empty() ? "data" : "authCode"));
  }

private:
  /// An authorisation code buys an id token, once.
  void redeem(const std::string& code, verdict_handler then) {
    web_call call{"POST", rules_.token_url};
    call.headers["Content-Type"] = "application/x-www-form-urlencoded";
    call.body = form_encode({{"code", code},
                             {"client_id", rules_.client_ids.front()},
                             {"client_secret", rules_.client_secret},
                             {"redirect_uri", ""},
                             {"grant_type", "authorization_code"}});
    call.is_repeatable = false;
    means_.ask_web(std::move(call), [this, then](caf::expected<web_answer> answer) {
      auto reply = read_answer(std::move(answer), "google");
      if (!reply)
        return then(std::move(reply.error()));
      const auto token = string_member(*reply, "id_token");
      if (token.empty())
        return then(refused());
      check(token, then);
    });
  }

  void check(const std::string& token, verdict_handler then) {
    web_call call{"GET", rules_.token_info_url + '?' + form_encode({{"id_token", token}})};
    means_.ask_web(std::move(call), [this, then](caf::expected<web_answer> answer) {
      auto reply = read_answer(std::move(answer), "google");
      then(reply ? judge_reply(*reply) : caf::expected<verdict>{std::move(reply.error())});
    });
  }

  caf::expected<verdict> judge_reply(const json::object& x) const {
    const auto& ids = rules_.client_ids;
    verdict result{string_member(x, "sub")};
    if (result.account_id.empty() ||
        std::find(ids.begin(), ids.end(), string_member(x, "aud")) == ids.end() ||
        integer_member(x, "exp") <= means_.now_s())
      return refused();
    add_row(result.metadata, "email", string_member(x, "email"));
    add_row(result.metadata, "name", string_member(x, "name"));
    add_row(result.metadata, "picture_url", string_member(x, "picture"));
    return result;
  }

  judge_means means_;
  google_rules rules_;
};

// -- facebook ----------------------------------------------------------------------

class facebook final : public judge {
public:
  facebook(judge_means means, facebook_rules rules)
      : means_(std::move(means)), rules_(std::move(rules)) {}

  void examine(const credentials& x, verdict_handler then) override {
    if (x.data.empty())
      return then(missing("data"));
    if (rules_.app_id.empty())
      return look_up(x.data, then);
    const auto own = rules_.app_id + '|' + rules_.app_secret;
    web_call call{"GET", rules_.graph_url + "/debug_token?" +
                             form_encode({{"input_token", x.data}, {"access_token", own}})};
    means_.ask_web(std::move(call), [this, token = x.data, then](caf::expected<web_answer> answer) {
      auto reply = read_answer(std::move(answer), "facebook");
      if (!reply)
        return then(std::move(reply.error()));
      if (!is_of_app(*reply))
        return then(refused());
      look_up(token, then);
    });
  }

private:
  [[nodiscard]] bool is_of_app(const json::object& x) const {
    const auto* value = x.if_contains("data");
    const auto* data = value ? value->if_object() : nullptr;
    const auto* valid = data ? data->if_contains("is_valid") : nullptr;
    return valid && valid->is_bool() && valid->get_bool() &&
           string_member(*data, "app_id") == rules_.app_id;
  }

  void look_up(const std::string& token, verdict_handler then) {
    web_call call{"GET", rules_.graph_url + "/me?" + form_encode({{"access_token", token}})};
    means_.ask_web(std::move(call), [then](caf::expected<web_answer> answer) {
      auto reply = read_answer(std::move(answer), "facebook");
      if (!reply)
        return then(std::move(reply.error()));
      verdict result{string_member(*reply, "id")};
      if (result.account_id.empty())
        return then(refused());
      add_row(result.metadata, "name", string_member(*reply, "name"));
      then(std::move(result));
    });
  }

  judge_means means_;
  facebook_rules rules_;
};

// -- CloudKit ----------------------------------------------------------------------

class cloudkit final : public judge {
public:
  cloudkit(judge_means means, cloudkit_rules rules)
      : means_(std::move(means)), rules_(std::move(rules)) {}

  void examine(const credentials& x, verdict_handler then) override {
    if (x.data.empty())
      return then(missing("data"));
    auto call = signed_call(x.data);
    if (!call)
      return then(std::move(call.error()));
    means_.ask_web(std::move(*call), [name = x.data, then](caf::expected<web_answer> answer) {
      then(judge_answer(std::move(answer), name));
    });
  }

private:
  /// http-api.md 4.6.
  caf::expected<web_call> signed_call(const std::string& name) const {
    web_call call{"POST", rules_.api_url + "/database/1/" + rules_.container + '/' +
                              rules_.environment + "/public/users/discover"};
    json::array infos;
    infos.push_back(json::object{{"userRecordName", name}});
    call.body = json::serialize(json::object{{"lookupInfos", std::move(infos)}});
    const auto date = runtime::to_iso8601(means_.now_s() * 1000).substr(0, 19) + 'Z';
    const auto text = date + ':' + runtime::base64_encode(runtime::sha256(call.body)) + ':' +
                      runtime::web_path(call.url);
    const auto signature = runtime::sign_es256_der(rules_.private_key, text);
    if (!signature) {
      log::error("auth cannot sign requests to CloudKit: {}", signature.error().message);
      return unreachable("the CloudKit key cannot sign");
    }
    call.headers["Content-Type"] = "text/plain";
    call.headers["X-Apple-CloudKit-Request-KeyID"] = rules_.key_id;
    call.headers["X-Apple-CloudKit-Request-ISO8601Date"] = date;
    call.headers["X-Apple-CloudKit-Request-SignatureV1"] = runtime::base64_encode(*signature);
    return call;
  }

  static caf::expected<verdict> judge_answer(caf::expected<web_answer> answer,
                                             const std::string& name) {
    if (!answer)
      return std::move(answer.error());
    const auto reply = parse_object(answer->body);
    if (reply && string_member(*reply, "reason") == "No valid user ids to lookup")
      return refused();
    const auto* value = reply && answer->status == 200 ? reply->if_contains("users") : nullptr;
    const auto* users = value ? value->if_array() : nullptr;
    if (users && users->size() == 1 && users->front().is_object())
      return judge_user(users->front().get_object(), name);
    // A bad key is the operator's mistake.
    auto text = "CloudKit answers with status " + std::to_string(answer->status);
    if (reply)
      text +=
          ' ' + string_member(*reply, "serverErrorCode") + ' ' + string_member(*reply, "reason");
    log::error("auth: {}", text);
    return unreachable(std::move(text));
  }

  static caf::expected<verdict> judge_user(const json::object& user, const std::string& name) {
    const auto* value = user.if_contains("lookupInfo");
    const auto* info = value ? value->if_object() : nullptr;
    if (user.contains("serverErrorCode") || !info || string_member(*info, "userRecordName") != name)
      return refused();
    return verdict{name};
  }

  judge_means means_;
  cloudkit_rules rules_;
};

// -- webhooks ----------------------------------------------------------------------

class webhook final : public judge {
public:
  webhook(judge_means means, webhook_rules rules)
      : means_(std::move(means)), rules_(std::move(rules)) {}

  void examine(const credentials& x, verdict_handler then) override {
    auto extras = parse_object(x.extras);
    if (x.data.empty() && (!extras || extras->empty()))
      return then(missing("data"));
    json::object body{{"provider", rules_.provider},
                      {"data", x.data},
                      {"user_info", extras ? std::move(*extras) : json::object{}},
                      {"app_id", x.app_id}};
    means_.ask_web(webhook_call(rules_.url, rules_.secret, json::serialize(body)),
                   [this, then](caf::expected<web_answer> answer) {
                     auto reply = read_answer(std::move(answer), rules_.provider);
                     then(reply ? judge_reply(*reply)
                                : caf::expected<verdict>{std::move(reply.error())});
                   });
  }

private:
  [[nodiscard]] caf::expected<verdict> judge_reply(const json::object& x) const {
    verdict result{string_member(x, "provider_id")};
    if (result.account_id.empty()) {
      log::error("auth: the webhook of {} answers without provider_id", rules_.provider);
      return unreachable(rules_.provider + " answers without provider_id");
    }
    if (const auto* flag = x.if_contains("is_admin"); flag && flag->is_bool())
      result.is_admin = flag->get_bool();
    const auto* metadata = x.if_contains("metadata");
    if (metadata && metadata->is_object())
      for (const auto& [key, value] : metadata->get_object())
        result.metadata.push_back({std::string{key}, value.is_string()
                                                         ? std::string{value.get_string()}
                                                         : json::serialize(value)});
    return result;
  }

  judge_means means_;
  webhook_rules rules_;
};

} // namespace

std::unique_ptr<judge> google_judge(judge_means means, google_rules rules) {
  return std::make_unique<google>(std::move(means), std::move(rules));
}
std::unique_ptr<judge> facebook_judge(judge_means means, facebook_rules rules) {
  return std::make_unique<facebook>(std::move(means), std::move(rules));
}
std::unique_ptr<judge> cloudkit_judge(judge_means means, cloudkit_rules rules) {
  return std::make_unique<cloudkit>(std::move(means), std::move(rules));
}
std::unique_ptr<judge> webhook_judge(judge_means means, webhook_rules rules) {
  return std::make_unique<webhook>(std::move(means), std::move(rules));
}

web_call webhook_call(const std::string& url, const std::string& secret, std::string body) {
  web_call call{"POST", url};
  call.headers["Content-Type"] = "application/json";
  if (!secret.empty())
    call.headers["X-Realm-Signature"] =
        "sha256=" + runtime::hex_encode(runtime::hmac_sha256(secret, body));
  call.body = std::move(body);
  return call;
}

} // namespace ros::actors
