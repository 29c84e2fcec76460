#include "passwords.hpp"

#include <sodium.h>

#include <algorithm>

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
  return hash.size() < crypto_pwhash_STRBYTES && hash.starts_with(crypto_pwhash_STRPREFIX) &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash, const password_cost& cost) {
  prepare();
  return hash.size() >= crypto_pwhash_STRBYTES ||
         crypto_pwhash_str_needs_rehash(hash.c_str(), passes(cost), memory(cost)) != 0;
}

} // namespace ros::runtime
