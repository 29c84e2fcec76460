// What the server keeps of a client's view of history must be readable again, also where
// merging left something that no client may upload.
#include "protocol_fixture.hpp"

namespace ros::test {
namespace {

class StoredViews : public ProtocolTest {};

std::string bytes_of(const changeset_builder& b) {
  return std::string{client_bytes(b.changes()).view()};
}

TEST_F(StoredViews, with_a_move_that_came_to_nothing_survive_a_restart) {
  auto a = start_device();
  changeset_builder content;
  content.add_embedded("Part")
      .add_column("Part", "x", sync::value_type::integer)
      .add_table("Thing")
      .add_column("Thing", "parts", sync::value_type::link,
                  {.collection = sync::collection_type::list, .target = "Part"})
      .create("Thing", 1);
  for (std::uint32_t i = 0; i < 4; ++i)
    content.insert("Thing", 1, {"parts", i}, new_object(), i);
  a->session.write(bytes_of(content));
  a->session.upload();
  a->session.wait_for_upload();

  device b(as_user(), realm(), false);
  b.session.start();
  ASSERT_EQ(b.copy.server_version, 1u);
  changeset_builder move;
  move.move("Thing", 1, {"parts", 1}, 3, 4);
  a->session.write(bytes_of(move));
  a->session.upload();
  a->session.wait_for_upload();

  // B changes the part that A moved and knows nothing of it: in B's view the move now
  // goes from 3 to 3 (merge-rules.md 10, N6), and so it is stored.
  const auto change = [](int x) {
    changeset_builder c;
    c.update("Thing", 1, {"parts", 1, "x"}, x);
    return bytes_of(c);
  };
  b.client.send(upload_message(1, 3, 1, 1, {{3, 1, 2000, change(5)}}));
  while (b.client.expect("download").latest_server_version < 3) {
  }
  server().kill();
  server().start();

  auto again = connect();
  again.send(bind_message(1, realm(), false));
  again.send(ident_message(1, b.copy)); // it still has version 1 only
  again.expect("download");
  again.send(upload_message(1, 5, 1, 1, {{3, 1, 2000, change(5)}, {5, 1, 2001, change(6)}}));
  const auto m = again.expect("download");
  EXPECT_EQ(m.latest_server_version, 4u);
  EXPECT_EQ(m.upload_client_version, 5u);
  auto reader = start_device();
  EXPECT_EQ(reader->copy.received.size(), 4u);
}

} // namespace
} // namespace ros::test
