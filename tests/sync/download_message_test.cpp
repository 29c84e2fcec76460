#include "sync/download_message.hpp"

#include "support/server_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ros::sync {
namespace {

std::string text(const outgoing_message& m) {
  auto out = m.head;
  for (const auto& p : m.parts)
    out += p.view();
  return out;
}

/// Bytes that do not compress.
std::string noise(std::size_t size) {
  std::string out(size, '\0');
  std::uint64_t x = 88172645463325252u;
  for (auto& c : out) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    c = static_cast<char>(x);
  }
  return out;
}

TEST(download_messages, without_entries) {
  EXPECT_EQ(text(make_download({.session = 1}, {})), "download 1 0 0 0 0 0 0 0 0 0 0\n");
  EXPECT_EQ(text(make_download({.session = 1,
                                .progress = {3, 7},
                                .latest = {3, 1832562230991735560},
                                .upload_progress = {8, 2},
                                .downloadable_bytes = 0},
                               {})),
            "download 1 3 7 3 1832562230991735560 8 2 0 0 0 0\n");
}

TEST(download_messages, small_bodies_are_slices_of_what_they_were_made_from) {
  const bytes changeset{std::string{"0123456789"}};
  download_body body;
  body.add(2, 2, 375343344342, 3, 30, changeset.slice(2, 5));
  body.add(4, 2, 375343344343, 1, 7, changeset);
  EXPECT_EQ(body.entries(), 2u);
  const auto m = make_download({.session = 1,
                                .progress = {4, 2},
                                .latest = {5, 9},
                                .upload_progress = {5, 1},
                                .downloadable_bytes = 11},
                               std::move(body));
  EXPECT_EQ(text(m), "download 1 4 2 5 9 5 1 11 0 63 0\n"
                     "2 2 375343344342 3 30 5 234564 2 375343344343 1 7 10 0123456789");
  ASSERT_EQ(m.parts.size(), 4u);
  EXPECT_EQ(m.parts[1].owner(), changeset.owner());
  EXPECT_EQ(m.parts[3].owner(), changeset.owner());
}

TEST(download_messages, bodies_above_1024_bytes_are_compressed_if_that_is_shorter) {
  for (std::size_t size : {900u, 1100u, 70'000u, 5'000'000u}) {
    const bytes changeset{std::string(size, 'x')};
    download_body body;
    body.add(2, 2, 5, 3, size, changeset);
    body.add(3, 2, 6, 3, size, changeset);
    const auto plain_size = body.size();
    const auto m = test::read_server_message(
        text(make_download(
            {.session = 1, .progress = {3, 2}, .latest = {3, 9}, .upload_progress = {2, 0}},
            std::move(body))),
        14);
    EXPECT_TRUE(m.is_compressed);
    EXPECT_EQ(m.plain_size, plain_size);
    ASSERT_EQ(m.entries.size(), 2u);
    EXPECT_EQ(m.entries[1].changeset, changeset.view());
  }
}

TEST(download_messages, bodies_that_do_not_compress_are_sent_as_they_are) {
  for (std::size_t size : {1000u, 1025u, 200'000u}) {
    download_body body;
    body.add(1, 0, 5, 3, size, bytes{noise(size)});
    const auto m = test::read_server_message(
        text(make_download({.session = 1, .progress = {1, 0}, .latest = {1, 9}}, std::move(body))),
        14);
    EXPECT_FALSE(m.is_compressed);
    ASSERT_EQ(m.entries.size(), 1u);
    EXPECT_EQ(m.entries[0].changeset, noise(size));
  }
}

} // namespace
} // namespace ros::sync
