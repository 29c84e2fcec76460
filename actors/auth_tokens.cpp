#include "auth_tokens.hpp"

#include "runtime/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace ros::actors {

namespace {

constexpr std::int64_t user_token_ttl_s = 3600; // http-api.md 3.4
constexpr const char* default_app_id = "io.realm.Auth";
constexpr const char* no_domain = "000000000000000000000000";

auth_ec to_error(runtime::token_fault fault) {
  return fault == runtime::token_fault::bad_signature ? auth_ec::bad_signature
                                                      : auth_ec::malformed_token;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() > word.size() && text[word.size()] == ' ' &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

token_kind kind_of(const runtime::token_claims& claims) {
  if (claims.is_admin_token())
    return token_kind::admin;
  if (!claims.typ.empty())
    return claims.typ == "refresh" ? token_kind::refresh : token_kind::access;
  if (claims.allows("refresh"))
    return token_kind::refresh;
  return claims.has_access && claims.access.empty() && !claims.path ? token_kind::user
                                                                    : token_kind::access;
}

/// The rights that a legacy token names.
rights rights_in(const runtime::token_claims& claims) {
  if (!claims.typ.empty())
    return no_rights;
  return {claims.allows("download"), claims.allows("upload"), claims.allows("manage")};
}

std::string key_of(const runtime::token_claims& claims) {
  return !claims.typ.empty() && !claims.session_id.empty()
             ? "s:" + claims.session_id
             : "h:" + runtime::hex_encode(runtime::sha256(claims.payload));
}

} // namespace

std::string read_token_result::user_id() const {
  return kind == token_kind::admin ? admin_user_id : claims.identity;
}

principal read_token_result::as_principal(const caller& who) const {
  return {who, kind,      claims.expires.value_or(0), claims.path.value_or(""), rights_in(claims),
          key, issued_s()};
}

std::string_view token_in(std::string_view authorization) {
  auto text = trim(authorization);
  if (starts_with_word(text, "Bearer"))
    return trim(text.substr(6));
  if (!starts_with_word(text, "Realm-Access-Token"))
    return text;
  constexpr std::string_view member = "token=\"";
  auto begin = text.find(member);
  if (begin == std::string_view::npos)
    return {};
  text.remove_prefix(begin + member.size());
  return text.substr(0, text.find('"'));
}

caf::expected<read_token_result> read_token(std::string_view authorization,
                                            const runtime::key_pair& keys, std::int64_t now_s) {
  auto claims = runtime::read_token(token_in(authorization), keys);
  if (!claims)
    return caf::make_error(to_error(claims.error().reason));
  read_token_result result;
  result.claims = std::move(*claims);
  const auto& x = result.claims;
  if (!x.typ.empty() && x.typ != "access" && x.typ != "refresh")
    return caf::make_error(auth_ec::wrong_token_kind);
  result.kind = kind_of(x);
  // Only the admin token speaks for the built-in administrator (http-api.md 3.3).
  if (x.identity.empty() || (result.kind != token_kind::admin && x.identity == admin_user_id))
    return caf::make_error(auth_ec::unknown_user);
  result.of_app_services = !x.typ.empty();
  result.of_legacy = x.typ.empty() && !x.is_jwt && result.kind != token_kind::admin;
  result.expired = x.expired(now_s);
  result.key = key_of(x);
  return result;
}

std::string user_data_of(const user_record& user) {
  boost::json::object data;
  for (const auto& [key, value] : user.metadata)
    data[key] = value;
  return boost::json::serialize(data);
}

logged_in token_maker::start_session(const std::string& user_id, const std::string& device_id,
                                     std::int64_t now_s, const std::string& user_data) const {
  runtime::token_claims refresh;
  refresh.identity = user_id;
  refresh.typ = "refresh";
  refresh.issued_at = now_s;
  refresh.expires = now_s + options_.refresh_ttl_s;
  refresh.issuer = options_.issuer;
  refresh.session_id = random_->hex(24);
  refresh.device_id = device_id.empty() ? random_->hex(24) : device_id;
  refresh.domain_id = no_domain;
  return {access_jwt(refresh, now_s, user_data), runtime::make_jwt(refresh, keys_), user_id,
          refresh.device_id};
}

std::string token_maker::access_jwt(const runtime::token_claims& refresh, std::int64_t now_s,
                                    const std::string& user_data) const {
  runtime::token_claims access;
  access.identity = refresh.identity;
  access.typ = "access";
  access.issued_at = now_s;
  access.expires = now_s + options_.access_ttl_s;
  access.issuer = options_.issuer;
  access.session_id = refresh.session_id;
  access.device_id = refresh.device_id;
  access.domain_id = refresh.domain_id;
  access.user_data = user_data;
  return runtime::make_jwt(access, keys_);
}

legacy_token token_maker::legacy_refresh(const recognised& user, const std::string& app_id,
                                         std::int64_t now_s) const {
  legacy_token token;
  token.kind = token_kind::refresh;
  token.app_id = app_id;
  token.identity = user.user_id;
  token.access = {"refresh"};
  token.expires_s = now_s + options_.legacy_refresh_ttl_s;
  token.is_admin = user.is_admin;
  return sign(std::move(token), now_s);
}

legacy_token token_maker::legacy_access(const caller& user, const std::string& app_id,
                                        const std::string& path, rights allowed,
                                        std::int64_t now_s) const {
  legacy_token token;
  token.kind = token_kind::access;
  token.app_id = app_id;
  token.identity = user.user_id;
  if (allowed.read)
    token.access.emplace_back("download");
  if (allowed.write)
    token.access.emplace_back("upload");
  if (allowed.manage)
    token.access.emplace_back("manage");
  token.expires_s = now_s + options_.legacy_access_ttl_s;
  token.is_admin = user.is_admin;
  token.path = path;
  return sign(std::move(token), now_s);
}

legacy_token token_maker::legacy_user(const caller& user, const std::string& app_id,
                                      std::int64_t now_s) const {
  legacy_token token;
  token.kind = token_kind::user;
  token.app_id = app_id;
  token.identity = user.user_id;
  token.expires_s = now_s + user_token_ttl_s;
  token.is_admin = user.is_admin;
  return sign(std::move(token), now_s);
}

legacy_token token_maker::sign(legacy_token token, std::int64_t now_s) const {
  token.issued_s = now_s;
  if (token.app_id.empty())
    token.app_id = default_app_id;
  token.salt = random_->hex(8);
  runtime::token_claims claims;
  claims.app_id = token.app_id;
  claims.identity = token.identity;
  claims.access = token.access;
  claims.has_access = true;
  claims.salt = token.salt;
  claims.expires = token.expires_s;
  claims.issued_at = token.issued_s;
  claims.is_admin = token.is_admin && token.kind != token_kind::access;
  if (token.kind == token_kind::access) {
    claims.path = token.path;
    claims.sync_label = "default";
  }
  token.token = runtime::make_legacy_token(claims, keys_);
  return token;
}

} // namespace ros::actors
