#include "passwords.hpp"

#include "encoding.hpp"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace ros::runtime {

namespace {

/// The library chooses its code paths here; any number of calls, any thread.
void prepare() {
  static const int done = sodium_init();
  (void)done;
}

unsigned long long passes(const password_cost& c) {
  return std::max<unsigned long long>(c.passes, crypto_pwhash_OPSLIMIT_MIN);
}

std::size_t memory(const password_cost& c) {
  return std::clamp<std::size_t>(c.memory_bytes, crypto_pwhash_MEMLIMIT_MIN,
                                 crypto_pwhash_MEMLIMIT_MAX);
}

// -- hashes that users bring along --------------------------------------------------

/// Two digits of cost behind "$2b$"; beyond this an attempt takes seconds.
constexpr int max_bcrypt_cost = 16;
constexpr std::uint32_t max_pbkdf2_iterations = 10'000'000;
constexpr std::size_t max_pbkdf2_part = 1024;

bool is_bcrypt(std::string_view hash) {
  constexpr std::size_t size = 60;
  return hash.size() == size && hash.starts_with("$2") && hash[3] == '$' && hash[6] == '$' &&
         (hash[2] == 'a' || hash[2] == 'b' || hash[2] == 'y');
}

bool verify_bcrypt(std::string_view password, const std::string& hash) {
  int cost = 0;
  std::from_chars(hash.data() + 4, hash.data() + 6, cost);
  if (cost > max_bcrypt_cost || password.find('\0') != std::string_view::npos)
    return false; // bcrypt sees a password up to its first zero
  const auto work = std::make_unique<crypt_data>();
  const auto* made = crypt_r(std::string{password}.c_str(), hash.c_str(), work.get());
  return made && std::string_view{made}.size() == hash.size() &&
         CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

/// "$pbkdf2-sha256$<iterations>$<base64 salt>$<base64 key>", sha512 and sha1 alike.
struct pbkdf2 {
  const EVP_MD* digest = nullptr;
  std::uint32_t iterations = 0;
  std::string salt, key;
};

std::optional<std::string> decode_part(std::string_view text) {
  std::string padded{text};
  padded.append((4 - padded.size() % 4) % 4, '=');
  auto bytes = base64_decode(padded);
  if (bytes && (bytes->empty() || bytes->size() > max_pbkdf2_part))
    return std::nullopt;
  return bytes;
}

std::optional<pbkdf2> read_pbkdf2(std::string_view hash) {
  pbkdf2 x;
  for (const auto& [prefix, digest] :
       {std::pair{"$pbkdf2-sha256$", EVP_sha256()}, std::pair{"$pbkdf2-sha512$", EVP_sha512()},
        std::pair{"$pbkdf2-sha1$", EVP_sha1()}})
    if (hash.starts_with(prefix)) {
      x.digest = digest;
      hash.remove_prefix(std::string_view{prefix}.size());
      break;
    }
  const auto first = hash.find('$');
  const auto second = first == std::string_view::npos ? first : hash.find('$', first + 1);
  if (!x.digest || second == std::string_view::npos)
    return std::nullopt;
  const auto [end, fault] = std::from_chars(hash.data(), hash.data() + first, x.iterations);
  auto salt = decode_part(hash.substr(first + 1, second - first - 1));
  auto key = decode_part(hash.substr(second + 1));
  if (fault != std::errc{} || end != hash.data() + first || x.iterations == 0 ||
      x.iterations > max_pbkdf2_iterations || !salt || !key)
    return std::nullopt;
  x.salt = std::move(*salt);
  x.key = std::move(*key);
  return x;
}

bool verify_pbkdf2(std::string_view password, const pbkdf2& x) {
  std::string made(x.key.size(), '\0');
  return PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                           reinterpret_cast<const unsigned char*>(x.salt.data()),
                           static_cast<int>(x.salt.size()), static_cast<int>(x.iterations),
                           x.digest, static_cast<int>(made.size()),
                           reinterpret_cast<unsigned char*>(made.data())) == 1 &&
         CRYPTO_memcmp(made.data(), x.key.data(), made.size()) == 0;
}

} // namespace

std::string hash_password(std::string_view password, const password_cost& cost) {
  prepare();
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), passes(cost),
                            memory(cost), crypto_pwhash_ALG_ARGON2ID13) != 0)
    return {};
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(std::string_view password, const std::string& hash) {
  prepare();
  if (is_bcrypt(hash))
    return verify_bcrypt(password, hash);
  if (const auto foreign = read_pbkdf2(hash))
    return verify_pbkdf2(password, *foreign);
  return hash.size() < crypto_pwhash_STRBYTES && hash.starts_with(crypto_pwhash_STRPREFIX) &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash, const password_cost& cost) {
  prepare();
  return hash.size() >= crypto_pwhash_STRBYTES ||
         crypto_pwhash_str_needs_rehash(hash.c_str(), passes(cost), memory(cost)) != 0;
}

} // namespace ros::runtime
