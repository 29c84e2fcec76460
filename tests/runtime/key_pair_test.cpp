#include "support/test_keys.hpp"

#include <gtest/gtest.h>

namespace ros::runtime {
namespace {

using test::key_path;
using test::key_text;

std::string why(const std::string& private_pem, const std::string& public_pem) {
  const auto pair = key_pair::from_pem(private_pem, public_pem);
  return pair ? "" : pair.error().message;
}

TEST(key_pair, reads_every_file_form_of_one_key) {
  for (const auto* priv : {"a.pkcs8.pem", "a.pkcs1.pem"})
    for (const auto* pub : {"a.spki.pem", "a.pkcs1.pub.pem"}) {
      const auto pair = key_pair::from_files(key_path(priv), key_path(pub));
      ASSERT_TRUE(pair) << priv << ' ' << pub << ": " << pair.error().message;
      EXPECT_EQ(pair->bits(), 2048u);
      EXPECT_TRUE(pair->can_sign());
      EXPECT_EQ(pair->private_pem(), key_text("a.pkcs8.pem"));
      EXPECT_EQ(pair->public_pem(), key_text("a.spki.pem"));
      EXPECT_EQ(pair->id(), test::signing_keys().id());
    }
  EXPECT_NE(test::foreign_keys().id(), test::signing_keys().id());
}

TEST(key_pair, what_one_half_signs_the_other_verifies) {
  const auto& keys = test::signing_keys();
  const auto signature = keys.sign("some bytes");
  EXPECT_EQ(signature.size(), 256u);
  const auto pub = key_pair::from_public_pem(key_text("a.spki.pem")).value();
  EXPECT_TRUE(pub.verify("some bytes", signature));
  EXPECT_FALSE(pub.verify("some byteS", signature));
  EXPECT_FALSE(pub.verify("some bytes", signature.substr(1)));
  EXPECT_FALSE(pub.verify("some bytes", ""));
  EXPECT_FALSE(test::foreign_keys().verify("some bytes", signature));
}

TEST(key_pair, a_public_half_cannot_sign) {
  const auto pub = key_pair::from_public_pem(key_text("a.spki.pem")).value();
  EXPECT_FALSE(pub.can_sign());
  EXPECT_EQ(pub.private_pem(), "");
  EXPECT_THROW((void)pub.sign("x"), std::runtime_error);
}

TEST(key_pair, the_public_half_alone_is_read_from_a_file) {
  const auto half = key_pair::public_from_file(key_path("a.spki.pem"));
  ASSERT_TRUE(half);
  EXPECT_EQ(half->id(), test::signing_keys().id());
  const auto wrong = key_pair::public_from_file(key_path("a.pkcs8.pem"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message,
            "the public key file holds a private key (" + key_path("a.pkcs8.pem") + ")");
}

TEST(key_pair, a_generated_pair_survives_writing_and_reading) {
  const auto made = key_pair::generate(1024);
  const auto read = key_pair::from_pem(made.private_pem(), made.public_pem());
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->verify("x", made.sign("x")));
  EXPECT_EQ(made.bits(), 1024u);
}

TEST(key_pair, says_what_is_wrong_with_a_key) {
  const auto a = key_text("a.pkcs8.pem"), a_pub = key_text("a.spki.pem");
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(why(a, key_text("b.spki.pem")), "not a pair"));
  EXPECT_TRUE(has(why(key_text("a.encrypted.pem"), a_pub), "passphrase"));
  EXPECT_TRUE(has(why(key_text("a.encrypted.pkcs1.pem"), a_pub), "passphrase"));
  EXPECT_TRUE(has(why(a, a), "holds a private key"));
  EXPECT_TRUE(has(why(a_pub, a_pub), "not a PEM private key"));
  EXPECT_TRUE(has(why("", a_pub), "not a PEM private key"));
  EXPECT_TRUE(has(why(a, ""), "not a PEM public key"));
  EXPECT_TRUE(has(why(a, a_pub.substr(0, 200)), "not a PEM public key"));
  EXPECT_TRUE(has(why(key_text("ec.pkcs8.pem"), key_text("ec.spki.pem")), "not an RSA key"));
  EXPECT_TRUE(has(why(key_text("ed.pkcs8.pem"), key_text("ed.spki.pem")), "not an RSA key"));
  EXPECT_TRUE(has(why(key_text("pss.pkcs8.pem"), key_text("pss.spki.pem")), "not an RSA key"));
  EXPECT_TRUE(has(why(key_text("small.pkcs8.pem"), key_text("small.spki.pem")), "768 bits"));
}

TEST(key_pair, a_file_that_cannot_be_read_is_named) {
  const auto pair = key_pair::from_files(key_path("a.pkcs8.pem"), "/nonexistent/x.pub");
  ASSERT_FALSE(pair);
  EXPECT_EQ(pair.error().message,
            "the public key file /nonexistent/x.pub cannot be read: No such file or directory");
  const auto directory = key_pair::from_files("/", key_path("a.spki.pem"));
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("the private key file / cannot be read"),
            std::string::npos);
}

} // namespace
} // namespace ros::runtime
