#include "config/load.hpp"
#include "support/test_keys.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace ros::config {
namespace {

namespace fs = std::filesystem;
using test::key_path;

/// A directory with a root and private copies of the keys.
class surroundings : public testing::Test {
protected:
  surroundings() : dir_(fs::temp_directory_path() / ("ros_around_" + std::to_string(::getpid()))) {
    fs::remove_all(dir_);
    fs::create_directories(dir_ / "root");
    options_.root = path("root");
    options_.public_key = key_path("a.spki.pem");
    options_.private_key = copy_key("a.pkcs8.pem", 0600);
  }
  ~surroundings() override { fs::remove_all(dir_); }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string copy_key(const std::string& name, mode_t mode) const {
    fs::copy_file(key_path(name), dir_ / name, fs::copy_options::overwrite_existing);
    ::chmod(path(name).c_str(), mode);
    return path(name);
  }
  std::vector<std::string> problems() const {
    auto r = load_text("", "", options_);
    check_surroundings(r);
    std::vector<std::string> out;
    for (const auto& p : r.problems)
      out.push_back(p.text());
    return out;
  }
  /// The only problem.
  std::string problem() const {
    const auto all = problems();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? "" : all[0];
  }

  fs::path dir_;
  command_line options_;
};

TEST_F(surroundings, that_are_in_order_give_no_problem) {
  EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(surroundings, the_root_must_exist_and_is_not_created) {
  options_.root = path("missing");
  EXPECT_EQ(problem(), "--root: error: storage.root_path: " + path("missing") +
                           ": No such file or directory (it must exist already); --root names "
                           "another directory");
  EXPECT_FALSE(fs::exists(path("missing")));
}

TEST_F(surroundings, the_root_must_be_a_directory) {
  options_.root = *options_.private_key;
  EXPECT_EQ(problem(), "--root: error: storage.root_path: " + *options_.root +
                           " is not a directory; --root names another directory");
}

TEST_F(surroundings, a_relative_root_is_looked_up_from_the_working_directory) {
  const auto before = fs::current_path();
  options_.root = "root";
  EXPECT_EQ(problems().size(), 1u);
  fs::current_path(dir_);
  EXPECT_EQ(problems().size(), 0u);
  fs::current_path(before);
}

TEST_F(surroundings, the_root_must_be_writable) {
  ::chmod(path("root").c_str(), 0555);
  ::chmod(options_.private_key->c_str(), 0604);
  std::vector<std::string> all;
  std::thread([&] {
    // Nothing is forbidden to the superuser, so this thread alone becomes somebody else.
    if (::geteuid() == 0)
      ::syscall(SYS_setresuid, -1, 65534, -1);
    all = problems();
  }).join();
  ::chmod(path("root").c_str(), 0755);
  ASSERT_FALSE(all.empty());
  EXPECT_NE(all[0].find("must be readable, writable and searchable"), std::string::npos) << all[0];
}

TEST_F(surroundings, key_files_must_be_readable) {
  options_.public_key = path("no.pub");
  options_.private_key = path("root");
  EXPECT_EQ(problems(),
            (std::vector<std::string>{
                "--public-key: error: auth.public_key_path: " + path("no.pub") +
                    " cannot be read: No such file or directory; --public-key names another file",
                "--private-key: error: auth.private_key_path: " + path("root") +
                    " cannot be read: is a directory; --private-key names another file"}));
}

TEST_F(surroundings, key_files_must_be_pem) {
  std::ofstream(path("junk")) << "junk";
  options_.public_key = path("junk");
  EXPECT_NE(problem().find("auth.public_key_path: the public key is not a PEM public key"),
            std::string::npos);
  options_.public_key = key_path("a.spki.pem");
  options_.private_key = path("junk");
  EXPECT_NE(problem().find("auth.private_key_path: the private key is not a PEM private key"),
            std::string::npos);
  options_.private_key = copy_key("a.encrypted.pem", 0600);
  EXPECT_NE(problem().find("protected by a passphrase"), std::string::npos);
}

TEST_F(surroundings, the_keys_must_be_a_pair) {
  options_.private_key = copy_key("b.pkcs8.pem", 0600);
  EXPECT_EQ(problem(), "--private-key: error: auth.private_key_path: the private and the public "
                       "key are not a pair (" +
                           *options_.private_key + ", " + *options_.public_key +
                           "); --private-key and --public-key name other files");
}

TEST_F(surroundings, a_short_key_is_accepted_with_a_warning_and_a_tiny_one_is_not) {
  options_.private_key = copy_key("b.pkcs8.pem", 0600);
  options_.public_key = key_path("b.spki.pem");
  EXPECT_EQ(problem(), "--public-key: warning: auth.public_key_path: the key has only 1024 bits, "
                       "use 2048 or more");
  options_.public_key = key_path("small.spki.pem");
  EXPECT_NE(problem().find("error: auth.public_key_path: the public key has only 768 bits"),
            std::string::npos);
}

TEST_F(surroundings, a_private_key_that_everybody_can_read_is_warned_about) {
  options_.private_key = copy_key("a.pkcs8.pem", 0644);
  EXPECT_EQ(problem(), "--private-key: warning: auth.private_key_path: " + *options_.private_key +
                           " can be read by every user of this machine");
}

TEST_F(surroundings, the_log_needs_a_directory_and_a_file_it_can_write) {
  options_.log_path = path("new.log");
  EXPECT_EQ(problems().size(), 0u);
  EXPECT_FALSE(fs::exists(path("new.log"))) << "checking creates nothing";
  options_.log_path = path("no/such.log");
  EXPECT_EQ(problem(), "--log-path: error: logging.path: there is no directory " + path("no"));
  options_.log_path = path("root");
  EXPECT_EQ(problem(),
            "--log-path: error: logging.path: " + path("root") + " is a directory, not a file");
}

TEST_F(surroundings, a_problem_of_the_file_is_marked_in_the_file) {
  options_.root.reset();
  auto r = load_text("storage:\n  root_path: /no/such\n", "c.yml", options_);
  check_surroundings(r);
  ASSERT_EQ(r.problems.size(), 1u);
  EXPECT_TRUE(r.problems[0].text().starts_with("c.yml:2:14: error: storage.root_path: /no/such: "));
  EXPECT_EQ(r.problems[0].where.excerpt, "  2 |   root_path: /no/such\n"
                                         "    |              ^^^^^^^^");
}

TEST_F(surroundings, a_setting_refused_before_is_not_judged_twice) {
  options_.root.reset();
  options_.set = {"storage.root_path=[x]"};
  EXPECT_NE(problem().find("not a list"), std::string::npos);
}

/// What is wrong with this certificate and key of the HTTPS proxy; "" if nothing is.
class certificates : public surroundings {
protected:
  std::string problem_with(const std::string& certificate, const std::string& key,
                           const std::string& more = "") {
    options_.set = {"proxy.https.enable=true",
                    "proxy.https.certificate_path=" + key_path(certificate),
                    "proxy.https.private_key_path=" + key_path(key)};
    if (!more.empty())
      options_.set.push_back(more);
    const auto all = problems();
    EXPECT_LE(all.size(), 1u);
    return all.empty() ? "" : all[0];
  }
};

TEST_F(certificates, that_belong_together_are_accepted) {
  EXPECT_EQ(problem_with("tls-one.pem", "tls-one.key.pem"), "");
}

TEST_F(certificates, each_file_must_hold_what_it_should) {
  const std::string certificate = "--set: error: proxy.https.certificate_path: ";
  const std::string key = "--set: error: proxy.https.private_key_path: ";
  auto unusable = [](const std::string& name, const char* as, const char* why) {
    return key_path(name) + " cannot be used as " + as + ": " + why;
  };
  EXPECT_EQ(problem_with("missing.pem", "tls-one.key.pem"),
            certificate + unusable("missing.pem", "certificate", "No such file or directory"));
  EXPECT_EQ(problem_with("tls-one.key.pem", "tls-one.key.pem"),
            certificate + unusable("tls-one.key.pem", "certificate",
                                   "there is nothing of that kind in PEM form in it"));
  EXPECT_EQ(problem_with("tls-one.pem", "missing.pem"),
            key + unusable("missing.pem", "private key", "No such file or directory"));
  EXPECT_EQ(
      problem_with("tls-one.pem", "tls-one.pem"),
      key + unusable("tls-one.pem", "private key", "there is no private key in PEM form in it"));
  EXPECT_EQ(problem_with("tls-one.pem", "a.encrypted.pem"),
            key + unusable("a.encrypted.pem", "private key", "it is protected by a passphrase"));
}

TEST_F(certificates, the_key_must_be_the_certificates) {
  EXPECT_NE(problem_with("tls-one.pem", "tls-two.key.pem")
                .find("proxy.https.private_key_path: " + key_path("tls-two.key.pem") +
                      " is not the key of " + key_path("tls-one.pem")),
            std::string::npos);
}

TEST_F(certificates, self_signed_ones_are_refused_unless_allowed) {
  EXPECT_NE(problem_with("tls-self.pem", "tls-self.key.pem").find("error: proxy.https.certificate"),
            std::string::npos);
  EXPECT_EQ(problem_with("tls-self.pem", "tls-self.key.pem", "proxy.https.allow_self_signed=true"),
            "");
}

TEST_F(certificates, expired_ones_are_warned_of) {
  const auto text = problem_with("tls-old.pem", "tls-old.key.pem");
  EXPECT_NE(text.find("warning: proxy.https.certificate_path"), std::string::npos) << text;
  EXPECT_NE(text.find("has expired"), std::string::npos) << text;
}

} // namespace
} // namespace ros::config
