#include "tokens.hpp"

#include "encoding.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

namespace ros::runtime {

namespace json = boost::json;

namespace {

constexpr std::size_t most_token_bytes = 16 * 1024;

token_error malformed(std::string message) {
  return {token_fault::malformed, std::move(message)};
}
token_error bad_signature(std::string message) {
  return {token_fault::bad_signature, std::move(message)};
}

/// Takes typed members out of a payload; the first wrong type is remembered.
class member_reader {
public:
  explicit member_reader(const json::object& payload) : payload_(payload) {}

  /// The first of these members that is there and not null.
  const json::value* find(std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (const auto* v = payload_.if_contains(name); v && !v->is_null()) {
        name_ = name;
        return v;
      }
    return nullptr;
  }

  void text(std::string& to, std::initializer_list<const char*> names) {
    if (const auto* v = find(names)) {
      if (const auto* s = v->if_string())
        to.assign(s->data(), s->size());
      else
        refuse("a string");
    }
  }

  void text(std::optional<std::string>& to, std::initializer_list<const char*> names) {
    if (find(names))
      text(to.emplace(), names);
  }

  bool truth(std::initializer_list<const char*> names, bool otherwise) {
    const auto* v = find(names);
    if (!v)
      return otherwise;
    if (const auto* b = v->if_bool())
      return *b;
    refuse("true or false");
    return otherwise;
  }

  void seconds(std::optional<std::int64_t>& to, std::initializer_list<const char*> names) {
    const auto* v = find(names);
    if (!v)
      return;
    // Tools that compute in milliseconds write fractions; only whole seconds count.
    constexpr double limit = 9.0e18;
    if (const auto* i = v->if_int64())
      to = *i;
    else if (const auto* d = v->if_double(); d && std::abs(*d) < limit)
      to = static_cast<std::int64_t>(std::floor(*d));
    else
      refuse("a number of seconds");
  }

  void texts(std::vector<std::string>& to, const char* name, bool& present) {
    const auto* v = find({name});
    present = v != nullptr;
    if (!v)
      return;
    const auto* items = v->if_array();
    if (!items)
      return refuse("an array of strings");
    for (const auto& item : *items) {
      if (const auto* s = item.if_string())
        to.emplace_back(s->data(), s->size());
      else
        refuse("an array of strings");
    }
  }

  void object_text(std::string& to, const char* name) {
    if (const auto* v = find({name})) {
      if (v->is_object())
        to = json::serialize(*v);
      else
        refuse("an object");
    }
  }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
  void refuse(const char* expected) {
    if (problem_.empty())
      problem_ = std::string("token member \"") + name_ + "\" is not " + expected;
  }

  const json::object& payload_;
  const char* name_ = "";
  std::string problem_;
};

boost::system::result<json::object, token_error> parse_object(const std::string& text,
                                                              const char* what) {
  boost::system::error_code ec;
  auto v = json::parse(text, ec);
  if (ec)
    return malformed(std::string(what) + " is not JSON");
  if (!v.is_object())
    return malformed(std::string(what) + " is not a JSON object");
  return std::move(v.as_object());
}

boost::system::result<token_claims, token_error> read_claims(std::string payload, bool is_jwt) {
  const auto object = parse_object(payload, "token payload");
  if (!object)
    return object.error();
  token_claims c;
  member_reader in(*object);
  in.text(c.identity, {"identity", "sub"});
  in.texts(c.access, "access", c.has_access);
  in.text(c.path, {"path"});
  in.text(c.app_id, {"app_id", "appId"});
  in.seconds(c.expires, {"expires", "exp"});
  in.seconds(c.issued_at, {"iat", "timestamp"});
  c.is_admin = in.truth({"is_admin", "admin", "isAdmin"}, false);
  in.text(c.salt, {"salt"});
  in.text(c.sync_label, {"sync_label", "syncLabel"});
  if (in.find({"isEmailConfirmed"}))
    c.email_confirmed = in.truth({"isEmailConfirmed"}, false);
  in.text(c.typ, {"typ"});
  in.text(c.issuer, {"iss"});
  in.text(c.session_id, {"baas_id", "jti"});
  in.text(c.device_id, {"baas_device_id", "stitch_devId"});
  in.text(c.domain_id, {"baas_domain_id", "stitch_domainId"});
  in.object_text(c.user_data, "user_data");
  if (!in.problem().empty())
    return malformed(in.problem());
  c.is_jwt = is_jwt;
  c.payload = std::move(payload);
  return c;
}

boost::system::result<token_claims, token_error>
read_legacy(std::string_view text, std::size_t colon, const key_pair& keys) {
  auto payload = base64_decode(text.substr(0, colon));
  const auto signature = base64_decode(text.substr(colon + 1));
  if (!payload || !signature)
    return malformed("token is not base64");
  if (!keys.verify(*payload, *signature))
    return bad_signature("token signature does not fit");
  return read_claims(std::move(*payload), false);
}

boost::system::result<token_claims, token_error> read_jwt(std::string_view text,
                                                          const key_pair& keys) {
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return malformed("token has neither two nor three parts");
  const auto header = base64url_decode(text.substr(0, first));
  auto payload = base64url_decode(text.substr(first + 1, second - first - 1));
  const auto signature = base64url_decode(text.substr(second + 1));
  if (!header || !payload || !signature)
    return malformed("token is not base64url");
  const auto head = parse_object(*header, "token header");
  if (!head)
    return head.error();
  // The key decides the algorithm; the header may only confirm it.
  const auto* algorithm = head->if_contains("alg");
  if (!algorithm || *algorithm != "RS256")
    return bad_signature("token algorithm is not RS256");
  if (head->contains("crit"))
    return malformed("token header demands an extension");
  if (!keys.verify(text.substr(0, second), *signature))
    return bad_signature("token signature does not fit");
  return read_claims(std::move(*payload), true);
}

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& t : texts)
    out.emplace_back(t);
  return out;
}

void put(json::object& o, const char* name, const std::string& value) {
  if (!value.empty())
    o[name] = value;
}

bool has(const std::vector<std::string>& rights, std::string_view right) {
  return std::find(rights.begin(), rights.end(), right) != rights.end();
}

/// What both forms carry, in the order of http-api.md 3.2.
void put_rights(json::object& o, const token_claims& c) {
  if (c.has_access || !c.access.empty())
    o["access"] = to_array(c.access);
  put(o, "salt", c.salt);
}

void put_scope(json::object& o, const token_claims& c) {
  if (c.path)
    o["path"] = *c.path;
  put(o, "sync_label", c.sync_label);
  if (c.email_confirmed)
    o["isEmailConfirmed"] = *c.email_confirmed;
}

} // namespace

bool token_claims::allows(std::string_view right) const {
  return has(access, right);
}

bool token_claims::expired(std::int64_t now_s) const {
  return expires && *expires != 0 && now_s >= *expires;
}

bool token_claims::is_admin_token() const {
  constexpr std::array names{"__auth", "__admin", "admin"};
  return std::find(names.begin(), names.end(), identity) != names.end() && allows("upload") &&
         allows("download") && allows("manage") && !path && !expires && typ.empty();
}

std::string make_legacy_token(std::string_view payload, const key_pair& keys) {
  return base64_encode(payload) + ':' + base64_encode(keys.sign(payload));
}

std::string make_legacy_token(const token_claims& c, const key_pair& keys) {
  json::object o;
  put(o, "app_id", c.app_id);
  put(o, "identity", c.identity);
  put_rights(o, c);
  if (c.expires)
    o["expires"] = *c.expires;
  if (c.issued_at)
    o["timestamp"] = *c.issued_at;
  if (c.is_admin || c.allows("refresh"))
    o["is_admin"] = c.is_admin;
  put_scope(o, c);
  return make_legacy_token(json::serialize(o), keys);
}

std::string make_jwt(const token_claims& c, const key_pair& keys) {
  json::object o;
  if (c.expires)
    o["exp"] = *c.expires;
  if (c.issued_at)
    o["iat"] = *c.issued_at;
  put(o, "iss", c.issuer);
  put(o, "sub", c.identity);
  put(o, "typ", c.typ);
  put(o, "baas_id", c.session_id);
  put(o, "baas_device_id", c.device_id);
  put(o, "baas_domain_id", c.domain_id);
  put(o, "app_id", c.app_id);
  put_rights(o, c);
  if (c.is_admin)
    o["is_admin"] = true;
  put_scope(o, c);
  auto payload = json::serialize(o);
  if (!c.user_data.empty())
    payload.insert(payload.size() - 1,
                   (o.empty() ? "\"user_data\":" : ",\"user_data\":") + c.user_data);
  // Some clients keep the bytes that padding decodes to (http-api.md 9.8).
  payload.append((3 - payload.size() % 3) % 3, ' ');
  const auto header = R"({"alg":"RS256","typ":"JWT","kid":")" + keys.id() + "\"}";
  auto text = base64url_encode(header) + '.' + base64url_encode(payload);
  const auto signature = keys.sign(text);
  return text + '.' + base64url_encode(signature);
}

std::string make_admin_token(const key_pair& keys) {
  return make_legacy_token(R"({"identity":"__auth","access":["upload","download","manage"]})",
                           keys);
}

boost::system::result<token_claims, token_error> read_token(std::string_view text,
                                                            const key_pair& keys) {
  if (text.size() > most_token_bytes)
    return malformed("token is longer than 16 KiB");
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return read_jwt(text, keys);
  if (text.find(':', colon + 1) != std::string_view::npos)
    return malformed("token has more than two parts");
  return read_legacy(text, colon, keys);
}

boost::system::result<token_claims, token_error>
verify_token(std::string_view text, const key_pair& keys, std::int64_t now_s) {
  auto claims = read_token(text, keys);
  if (claims && claims->expired(now_s))
    return token_error{token_fault::expired, "token has expired"};
  return claims;
}

} // namespace ros::runtime
