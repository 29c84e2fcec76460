#include "runtime/log.hpp"
#include "runtime/log_line.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace ros::log {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t moment = 1'496'430'437'703;

TEST(log_line, has_the_form_of_the_manual) {
  EXPECT_EQ(make_line(format::text, level::info, moment, "listens on 9080"),
            "2017-06-02T19:07:17.703Z - info: listens on 9080\n");
  EXPECT_EQ(make_line(format::text, level::warn, 0, ""), "1970-01-01T00:00:00.000Z - warn: \n");
}

TEST(log_line, continuations_start_with_two_blanks) {
  EXPECT_EQ(make_line(format::text, level::error, moment, "one\ntwo\n\nthree\n"),
            "2017-06-02T19:07:17.703Z - error: one\n  two\n  \n  three\n");
}

TEST(log_line, a_client_cannot_forge_lines_or_reach_the_terminal) {
  EXPECT_EQ(make_line(format::text, level::warn, moment,
                      "a\rb\x1b[2Jc\x7f"
                      "d\te"),
            "2017-06-02T19:07:17.703Z - warn: a\\x0db\\x1b[2Jc\\x7fd\te\n");
}

TEST(log_line, json_is_one_valid_object_whatever_the_text) {
  const auto line =
      make_line(format::json, level::warn, moment,
                "q\"b\\ n\n t\t e\x1b bad\xff\xc0\xaf\xed\xa0\x80 good\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto v = boost::json::parse(line);
  EXPECT_EQ(v.at("time"), "2017-06-02T19:07:17.703Z");
  EXPECT_EQ(v.at("level"), "warn");
  EXPECT_EQ(v.at("text"), "q\"b\\ n\n t\t e\x1b bad\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD goodé😀");
}

/// A directory of its own; afterwards the log is back on the terminal.
class log_file : public testing::Test {
protected:
  log_file() : dir_(fs::temp_directory_path() / ("ros_log_" + std::to_string(::getpid()))) {
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  ~log_file() override {
    EXPECT_EQ(configure({}), std::nullopt);
    fs::remove_all(dir_);
  }

  std::string path(const char* name = "x.log") const { return (dir_ / name).string(); }
  std::string content(const char* name = "x.log") const {
    std::ifstream in(path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// The levels of the lines in the file, in order.
  std::vector<std::string> levels() const {
    std::vector<std::string> out;
    std::ifstream in(path());
    for (std::string line; std::getline(in, line);)
      out.push_back(line.substr(27, line.find(':', 27) - 27));
    return out;
  }

  fs::path dir_;
};

void write_every_level() {
  write(level::all, "x");
  trace("x {}", 1);
  debug("x");
  detail("x");
  info("x");
  warn("x");
  error("x");
  fatal("x");
}

TEST_F(log_file, each_level_prints_itself_and_what_is_more_severe) {
  const std::vector<std::string> all{"all",  "trace", "debug", "detail",
                                     "info", "warn",  "error", "fatal"};
  for (std::size_t i = 0; i <= all.size(); ++i) {
    const auto threshold = static_cast<level>(i);
    fs::remove(path());
    ASSERT_EQ(configure({threshold, path(), format::text}), std::nullopt);
    write_every_level();
    EXPECT_EQ(levels(),
              std::vector<std::string>(all.begin() + static_cast<std::ptrdiff_t>(i), all.end()))
        << to_string(threshold);
  }
}

TEST_F(log_file, a_suppressed_line_is_not_even_formatted) {
  ASSERT_EQ(configure({level::warn, path(), format::text}), std::nullopt);
  EXPECT_FALSE(enabled(level::info));
  EXPECT_TRUE(enabled(level::warn));
  EXPECT_FALSE(enabled(level::off));
  write(level::off, "never");
  EXPECT_EQ(content(), "");
}

TEST_F(log_file, is_appended_to_and_not_readable_for_everybody) {
  const auto old_mask = ::umask(0);
  ASSERT_EQ(configure({level::info, path(), format::text}), std::nullopt);
  ::umask(old_mask);
  info("one");
  ASSERT_EQ(configure({level::info, path(), format::text}), std::nullopt);
  info("two");
  EXPECT_EQ(levels().size(), 2u);
  struct stat s {};
  ASSERT_EQ(::stat(path().c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777u, 0640u);
}

TEST_F(log_file, goes_on_under_its_name_after_rotation) {
  ASSERT_EQ(configure({level::info, path(), format::text}), std::nullopt);
  info("before");
  fs::rename(path(), path("x.log.1"));
  info("still the old file");
  reopen();
  info("after");
  EXPECT_NE(content("x.log.1").find("still the old file"), std::string::npos);
  EXPECT_NE(content().find("after"), std::string::npos);
  EXPECT_EQ(content().find("before"), std::string::npos);
}

TEST_F(log_file, that_cannot_be_reopened_keeps_the_old_one) {
  ASSERT_EQ(configure({level::info, path(), format::text}), std::nullopt);
  fs::rename(path(), path("moved"));
  fs::create_directory(path());
  reopen();
  info("later");
  EXPECT_NE(content("moved").find("error: log cannot reopen"), std::string::npos);
  EXPECT_NE(content("moved").find("later"), std::string::npos);
}

TEST_F(log_file, that_cannot_be_opened_leaves_the_old_options) {
  ASSERT_EQ(configure({level::debug, path(), format::text}), std::nullopt);
  const auto problem = configure({level::off, path("no/such/dir.log"), format::json});
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->find("no/such/dir.log"), std::string::npos);
  EXPECT_NE(problem->find("No such file or directory"), std::string::npos);
  debug("still here");
  EXPECT_NE(content().find("debug: still here"), std::string::npos);
}

TEST_F(log_file, threads_never_tear_each_others_lines) {
  ASSERT_EQ(configure({level::info, path(), format::text}), std::nullopt);
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([t] {
      for (int i = 0; i < 250; ++i)
        info("{}", std::string(100, static_cast<char>('a' + t)));
    });
  for (auto& w : writers)
    w.join();
  std::ifstream in(path());
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines)
    EXPECT_EQ(line.substr(33), std::string(100, line.back()));
  EXPECT_EQ(lines, 1000);
}

TEST_F(log_file, remembers_the_lines_written_last) {
  ASSERT_EQ(configure({level::debug, path(), format::text}), std::nullopt);
  const auto start = recent(0, level::all).next;
  trace("not written");
  debug("one");
  warn("two");
  auto seen = recent(start, level::all);
  ASSERT_EQ(seen.lines.size(), 2u);
  EXPECT_EQ(seen.lost, 0u);
  EXPECT_EQ(seen.next, start + 2);
  EXPECT_EQ(seen.lines[0].text, "one");
  EXPECT_EQ(seen.lines[0].severity, level::debug);
  EXPECT_EQ(seen.lines[1].number, start + 1);
  EXPECT_EQ(recent(start, level::info).lines.size(), 1u);
  for (std::size_t i = 0; i < most_remembered; ++i)
    info("{}", i);
  seen = recent(start, level::all);
  EXPECT_EQ(seen.lost, 2u);
  ASSERT_EQ(seen.lines.size(), most_remembered);
  EXPECT_EQ(seen.lines[0].text, "0");
  EXPECT_EQ(recent(seen.next, level::all).lines.size(), 0u);
  info("{}", std::string(100'000, 'x'));
  EXPECT_EQ(recent(seen.next, level::all).lines.at(0).text.size(), 8192u);
}

/// No file of this process may grow beyond `bytes` while it lives, as if the disk were full.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    auto limit = old_;
    limit.rlim_cur = bytes;
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  rlimit old_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(log_file, says_how_many_lines_a_full_disk_cost_and_goes_on) {
  ASSERT_EQ(configure({level::info, path(), format::text}), std::nullopt);
  {
    const file_size_limit limit(50); // the first line fits, the second is torn
    info("fits");
    info("torn");
    info("lost");
  }
  info("again");
  const auto text = content();
  EXPECT_NE(text.find("warn: 2 lines were lost"), std::string::npos) << text;
  EXPECT_NE(text.find("\n", 50), std::string::npos);
  EXPECT_NE(text.find("info: again\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("lost\n"), std::string::npos) << text;
}

TEST(log_terminal, a_full_disk_costs_lines_but_nothing_else) {
  ASSERT_EQ(configure({level::info, "/dev/full", format::text}), std::nullopt);
  for (int i = 0; i < 3; ++i)
    error("into nothing");
  EXPECT_EQ(configure({}), std::nullopt);
}

TEST(log_terminal, info_goes_to_stdout_and_warnings_to_stderr) {
  ASSERT_EQ(configure({}), std::nullopt);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  debug("hidden");
  info("calm");
  warn("serious");
  const auto out = testing::internal::GetCapturedStdout();
  const auto err = testing::internal::GetCapturedStderr();
  EXPECT_NE(out.find(" - info: calm\n"), std::string::npos);
  EXPECT_EQ(out.find("hidden"), std::string::npos);
  EXPECT_EQ(out.find("serious"), std::string::npos);
  EXPECT_NE(err.find(" - warn: serious\n"), std::string::npos);
  EXPECT_EQ(err.find("calm"), std::string::npos);
}

TEST(log_level, has_nine_names_and_no_others) {
  for (int i = 0; i <= 8; ++i) {
    const auto l = static_cast<level>(i);
    EXPECT_EQ(parse_level(to_string(l)), l);
  }
  for (const auto* bad : {"", "INFO", "4", "warning", "info "})
    EXPECT_EQ(parse_level(bad), std::nullopt) << bad;
}

} // namespace
} // namespace ros::log
