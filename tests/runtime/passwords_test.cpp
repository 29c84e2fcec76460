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

// From crypt(3) and Python's hashlib.pbkdf2_hmac.
constexpr const char* bcrypt_hash = "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
constexpr const char* pbkdf2_256 =
    "$pbkdf2-sha256$1000$c29tZSBzYWx0$mSu9vYwzmlYs+LN+zfZIalLDyXJGWSSZFIiLrSSbMR4=";
constexpr const char* pbkdf2_512 =
    "$pbkdf2-sha512$1000$c29tZSBzYWx0$X+KFucL6qFwKC34KatXh//"
    "9xpihJgEkNv8wBUem1vfB7jx8bpfchkJLpiuRSVass8zdNcFcASk0MpEm7sbXt6A==";

TEST(passwords, hashes_of_other_servers_are_verified_as_they_are) {
  for (const auto* hash : {bcrypt_hash, pbkdf2_256, pbkdf2_512}) {
    EXPECT_TRUE(verify_password("correct horse", hash)) << hash;
    EXPECT_FALSE(verify_password("correct hors", hash)) << hash;
    EXPECT_FALSE(verify_password("", hash)) << hash;
    EXPECT_TRUE(needs_rehash(hash, {})) << hash;
  }
  EXPECT_FALSE(verify_password(std::string_view{"correct horse\0x", 15}, bcrypt_hash));
}

TEST(passwords, malformed_hashes_fit_no_password) {
  std::string costly = bcrypt_hash;
  costly.replace(4, 2, "31"); // would take days
  for (const auto& hash :
       std::vector<std::string>{costly, "$2b$05$short", "$pbkdf2-sha256$",
                                "$pbkdf2-sha256$1000$c2FsdA==", "$pbkdf2-sha256$0$c2FsdA==$a2V5",
                                "$pbkdf2-sha256$99999999999$c2FsdA==$a2V5",
                                "$pbkdf2-sha256$x$c2FsdA==$a2V5", "$pbkdf2-sha256$1000$$a2V5",
                                "$pbkdf2-sha256$1000$c2FsdA==$", "$pbkdf2-md5$1000$c2FsdA==$a2V5",
                                "$pbkdf2-sha256$1000$c2FsdA==$" + std::string(4000, 'a')})
    EXPECT_FALSE(verify_password("correct horse", hash)) << hash;
}

} // namespace
} // namespace ros::runtime
