// Password hashes: argon2id strings of libsodium, and those that users bring from elsewhere,
// which are verified as they are: bcrypt, and PBKDF2 as
// "$pbkdf2-sha256$<iterations>$<base64 salt>$<base64 key>" (sha512, sha1). Pure functions that take
// tens of milliseconds and much memory: run them on detached workers only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ros::runtime {

/// What one hash costs. The defaults are libsodium's interactive profile.
struct password_cost {
  unsigned passes = 2;                    ///< 1 ..
  std::size_t memory_bytes = 64u << 20;   ///< 8 KiB ..
};

/// A self-contained "$argon2id$..." string with a fresh salt; empty only if memory is short.
std::string hash_password(std::string_view password, const password_cost& cost);
/// Whether `hash` was made from this password, whatever its cost was.
bool verify_password(std::string_view password, const std::string& hash);
/// Whether `hash` was made with another cost or in another way (hash again at the next log-in).
bool needs_rehash(const std::string& hash, const password_cost& cost);

} // namespace ros::runtime
