// Key files for tests (tests/data/keys): read once, shared by every suite.
#pragma once

#include "runtime/tokens.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace ros::test {

inline std::string key_path(const std::string& name) {
  return std::string(ROS_TEST_DATA) + "/keys/" + name;
}

inline std::string key_text(const std::string& name) {
  std::ifstream in(key_path(name));
  return {std::istreambuf_iterator<char>(in), {}};
}

/// RSA 2048, the pair that signs in tests.
inline const runtime::key_pair& signing_keys() {
  static const auto keys =
      runtime::key_pair::from_pem(key_text("a.pkcs8.pem"), key_text("a.spki.pem")).value();
  return keys;
}

/// A pair nobody trusts.
inline const runtime::key_pair& foreign_keys() {
  static const auto keys =
      runtime::key_pair::from_pem(key_text("b.pkcs8.pem"), key_text("b.spki.pem")).value();
  return keys;
}

} // namespace ros::test
