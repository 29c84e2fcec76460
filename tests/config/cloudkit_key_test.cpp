// The script that makes CloudKit keys (operations.md 1.3).
#include "runtime/encoding.hpp"
#include "runtime/foreign_jwt.hpp"
#include "support/jwt_maker.hpp"
#include "support/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace ros::config {
namespace {

struct outcome {
  std::string output;
  int status = -1;
};

outcome run(const std::string& directory) {
  const auto command = "cd '" + directory +
                       "' && /bin/sh '" ROS_SOURCE_DIR
                       "/packaging/cloudkit_generate_key.sh' 2>/dev/null";
  outcome out;
  auto* pipe = ::popen(command.c_str(), "re");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    out.output += static_cast<char>(c);
  out.status = ::pclose(pipe);
  return out;
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(cloudkit_key, the_printed_key_is_the_public_half_of_the_file) {
  test::scratch_directory directory;
  const auto made = run(directory.path());
  ASSERT_EQ(made.status, 0);
  ASSERT_TRUE(made.output.ends_with('\n'));
  const auto line = made.output.substr(0, made.output.size() - 1);
  EXPECT_EQ(line.find('\n'), std::string::npos) << "nothing else is printed";
  const auto path = directory.path() + "/cloudkit_eckey.pem";
  struct stat s {};
  ASSERT_EQ(::stat(path.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
  const auto pem = read(path);
  const auto signature = runtime::sign_es256_der(pem, "x");
  ASSERT_TRUE(signature) << signature.error().message;
  const auto key = runtime::jwt_key::from_pem("-----BEGIN PUBLIC KEY-----\n" + line +
                                              "\n-----END PUBLIC KEY-----\n");
  ASSERT_TRUE(key) << line;
  EXPECT_TRUE(key->verify("ES256", "x", test::raw_of_der(*signature)));
}

TEST(cloudkit_key, a_key_that_is_there_is_not_overwritten) {
  test::scratch_directory directory;
  ASSERT_EQ(run(directory.path()).status, 0);
  const auto path = directory.path() + "/cloudkit_eckey.pem";
  const auto before = read(path);
  const auto again = run(directory.path());
  EXPECT_NE(again.status, 0);
  EXPECT_EQ(again.output, "");
  EXPECT_EQ(read(path), before);
}

} // namespace
} // namespace ros::config
