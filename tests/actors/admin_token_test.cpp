// The admin token's file (operations.md 3.3).
#include "actors/admin_token.hpp"

#include "support/scratch_directory.hpp"
#include "support/test_keys.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <iterator>

namespace ros::actors {

namespace {

using ros::test::foreign_keys;
using ros::test::signing_keys;

class admin_token_test : public ::testing::Test {
public:
  static std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static bool is_good(std::string text) {
    if (text.ends_with('\n'))
      text.pop_back();
    auto claims = runtime::read_token(text, signing_keys());
    return claims && claims->is_admin_token();
  }

  test::scratch_directory root;
  std::string path = root / "admin_token.base64";
};

TEST_F(admin_token_test, is_made_at_first_start_for_the_owner_only) {
  EXPECT_EQ(ensure_admin_token(path, signing_keys()), admin_token_outcome::created);
  EXPECT_TRUE(is_good(content(path)));
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(admin_token_test, is_kept_byte_for_byte_while_it_fits) {
  const auto own_spelling = "\n" +
                            runtime::make_legacy_token("{\n\t\"identity\": \"admin\", \"access\": "
                                                       "[\"upload\", \"download\", \"manage\"]}",
                                                       signing_keys()) +
                            "\r\n";
  write(path, own_spelling);
  EXPECT_EQ(ensure_admin_token(path, signing_keys()), admin_token_outcome::kept);
  EXPECT_EQ(content(path), own_spelling);
}

TEST_F(admin_token_test, of_another_key_pair_is_put_aside_and_made_again) {
  ASSERT_EQ(ensure_admin_token(path, foreign_keys()), admin_token_outcome::created);
  const auto old = content(path);
  EXPECT_EQ(ensure_admin_token(path, signing_keys()), admin_token_outcome::replaced);
  EXPECT_TRUE(is_good(content(path)));
  EXPECT_EQ(content(path + ".old"), old);
}

TEST_F(admin_token_test, a_token_that_is_no_admin_token_does_not_count) {
  write(path,
        runtime::make_legacy_token(R"({"identity":"jane","access":["refresh"]})", signing_keys()));
  EXPECT_EQ(ensure_admin_token(path, signing_keys()), admin_token_outcome::replaced);
  write(path, "");
  EXPECT_EQ(ensure_admin_token(path, signing_keys()), admin_token_outcome::replaced);
  EXPECT_TRUE(is_good(content(path)));
}

TEST_F(admin_token_test, a_directory_that_is_missing_or_in_the_way_is_survived) {
  EXPECT_EQ(ensure_admin_token(root / "no/such/directory/token", signing_keys()),
            admin_token_outcome::failed);
  EXPECT_EQ(ensure_admin_token(root.path(), signing_keys()), admin_token_outcome::failed);
}

} // namespace

} // namespace ros::actors
