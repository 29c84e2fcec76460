// Clients of a sync_world, and the messages they send.
#include "sync_world.hpp"

namespace ros::test {

using namespace actors;

// -- clients ----------------------------------------------------------------------------

sync_client::sync_client(sync_world& world, int version, const std::string& user)
    : socket(std::make_shared<fake_socket>(version)), world_(world) {
  session_connection shared;
  shared.outlet = std::make_shared<connection_outlet>(socket, world.context->limits.low_water);
  shared.id = world.next_connection++;
  shared.protocol = version;
  shared.unpacker = world.unpacker;
  if (!user.empty())
    shared.user.emplace().who.user_id = user;
  connection = world.system().spawn(actors::connection, world.context, std::move(shared));
  world.run();
}

sync_client::~sync_client() {
  drop();
}

void sync_client::drop() {
  caf::anon_send(connection, closed_atom_v);
  world_.run();
}

void sync_client::send(const std::string& message) {
  send_all({message});
}

void sync_client::send_all(const std::vector<std::string>& messages) {
  for (const auto& m : messages)
    caf::anon_send(connection, inbound_frame{std::make_shared<const std::string>(m)});
  world_.run();
}

std::vector<test::server_message> sync_client::take() {
  auto all = socket->take();
  std::erase_if(all, [](const auto& m) { return m.name == "log_message"; });
  return all;
}

std::vector<std::string> sync_client::heads() {
  std::vector<std::string> out;
  for (const auto& m : take()) {
    if (m.name.ends_with("error"))
      out.push_back(m.name + ' ' + std::to_string(m.error_code) + ' ' + std::to_string(m.session) +
                    (m.try_again ? " again" : ""));
    else
      out.push_back(m.raw.substr(0, m.raw.find('\n')));
  }
  return out;
}

test::server_message sync_client::only() {
  auto all = take();
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? test::server_message{} : all.front();
}

sync::salted_file_ident sync_client::start(std::uint64_t session, const std::string& path) {
  take();
  send(bind(session, path, true));
  const auto given = only();
  EXPECT_EQ(given.name, "ident");
  const sync::salted_file_ident file{given.file_ident,
                                     static_cast<sync::salt_type>(given.file_salt)};
  send(ident(session, file));
  return file;
}

// -- messages -----------------------------------------------------------------------------

std::string bind(std::uint64_t session, const std::string& path, bool need_ident,
                 const std::string& token) {
  return "bind " + std::to_string(session) + ' ' + std::to_string(path.size()) + ' ' +
         std::to_string(token.size()) + (need_ident ? " 1" : " 0") + " 0\n" + path + token;
}

std::string ident(std::uint64_t session, sync::salted_file_ident file,
                  sync::download_cursor download, sync::salted_version latest) {
  return "ident " + std::to_string(session) + ' ' + std::to_string(file.ident) + ' ' +
         std::to_string(file.salt) + ' ' + std::to_string(download.server_version) + ' ' +
         std::to_string(download.last_integrated_client_version) + ' ' +
         std::to_string(latest.version) + ' ' + std::to_string(latest.salt) + '\n';
}

std::string upload(std::uint64_t session, sync::upload_cursor progress, std::uint64_t locked,
                   const std::vector<upload_entry>& entries) {
  std::string body;
  for (const auto& e : entries)
    body += std::to_string(e.client_version) + ' ' + std::to_string(e.base) + " 99 " +
            std::to_string(e.origin) + ' ' + std::to_string(e.data.size()) + ' ' + e.data;
  return "upload " + std::to_string(session) + " 0 " + std::to_string(body.size()) + " 0 " +
         std::to_string(progress.client_version) + ' ' +
         std::to_string(progress.last_integrated_server_version) + ' ' + std::to_string(locked) +
         '\n' + body;
}

} // namespace ros::test
