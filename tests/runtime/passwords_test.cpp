#include "runtime/passwords.hpp"

#include <gtest/gtest.h>

namespace ros::runtime {
namespace {

using namespace std::string_literals;

constexpr password_cost cheap{1, 8192};

TEST(passwords, a_hash_verifies_its_password_and_no_other) {
  const auto hash = hash_password("correct horse", cheap);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct horsf", hash));
  EXPECT_FALSE(verify_password("", hash));
}

TEST(passwords, every_hash_has_its_own_salt) {
  EXPECT_NE(hash_password("x", cheap), hash_password("x", cheap));
}

TEST(passwords, any_bytes_make_a_password) {
  for (const auto& password : {""s, "a\0b"s, "\xff\xfe"s, std::string(100'000, 'x')})
    EXPECT_TRUE(verify_password(password, hash_password(password, cheap)));
  EXPECT_FALSE(verify_password("a\0c"s, hash_password("a\0b"s, cheap)));
}

TEST(passwords, garbage_is_no_hash) {
  for (const auto& hash : {""s, "x"s, "$argon2id$"s, "$argon2id$v=19$m=8,t=1,p=1$AAAA$BBBB"s,
                           "$2y$05$abcdefghijklmnopqrstuv"s, std::string(1000, '$')}) {
    EXPECT_FALSE(verify_password("x", hash)) << hash;
    EXPECT_TRUE(needs_rehash(hash, cheap)) << hash;
  }
}

TEST(passwords, a_changed_cost_asks_for_a_new_hash) {
  const auto hash = hash_password("x", cheap);
  EXPECT_FALSE(needs_rehash(hash, cheap));
  EXPECT_TRUE(needs_rehash(hash, {2, 8192}));
  EXPECT_TRUE(needs_rehash(hash, {1, 16384}));
  EXPECT_TRUE(verify_password("x", hash)) << "an old cost stays readable";
}

TEST(passwords, a_cost_below_what_the_library_takes_is_raised) {
  const auto hash = hash_password("x", {0, 0});
  EXPECT_TRUE(verify_password("x", hash));
  EXPECT_FALSE(needs_rehash(hash, {0, 0}));
}

} // namespace
} // namespace ros::runtime
