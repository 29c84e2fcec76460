// Short ways to say what clients upload, for tests of integrating and downloading.
#pragma once

#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/memory_server.hpp"
#include "sync/changeset_codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ros::test {

inline constexpr sync::file_ident client_a = 2;
inline constexpr sync::file_ident client_b = 3;
inline constexpr sync::file_ident client_c = 4;

/// A transaction with the cursor and time it is uploaded with.
struct uploaded {
  sync::version_type client_version = 0;
  sync::version_type base = 0;
  sync::origin_timestamp timestamp = 0;
  changeset_builder changes;
};

inline sync::upload_batch message(sync::file_ident client, sync::upload_cursor progress,
                                  const std::vector<uploaded>& changesets) {
  sync::upload_batch batch;
  batch.client = client;
  batch.progress = progress;
  for (const uploaded& u : changesets)
    batch.changesets.push_back(
        {u.client_version, u.base, u.timestamp, client_bytes(u.changes.changes())});
  return batch;
}

/// The canonical bytes of a transaction.
inline std::string canonical(const changeset_builder& t) {
  return sync::encode_changeset(t.changes());
}

/// A class T with a list of strings `l` and whatever else the tests write to,
/// and object T[1].
inline changeset_builder schema_and_object() {
  using sync::collection_type;
  using sync::value_type;
  changeset_builder t;
  t.add_table("T")
      .add_column("T", "l", value_type::string, {.collection = collection_type::list})
      .add_column("T", "i", value_type::integer)
      .add_column("T", "m", value_type::null, {.nullable = true})
      .create("T", 1);
  return t;
}

inline changeset_builder insert(std::uint32_t at, const std::string& text, std::uint32_t size) {
  changeset_builder t;
  t.insert("T", 1, {"l", at}, text, size);
  return t;
}

inline changeset_builder assign(int number) {
  changeset_builder t;
  t.update("T", 1, {"i"}, number);
  return t;
}

/// A server at version 1, which made the schema and T[1] itself.
class integrating : public testing::Test {
protected:
  explicit integrating(sync::integration_options options = {}) : server(options) {
    const auto made = server.integrator.integrate_local(schema_and_object().changes(), 1);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    server.commit();
  }

  /// Integrates and commits; the upload must be accepted.
  void upload(sync::file_ident client, sync::upload_cursor progress,
              const std::vector<uploaded>& changesets) {
    accept(client, progress, changesets);
    server.commit();
  }
  /// Integrates without committing.
  void accept(sync::file_ident client, sync::upload_cursor progress,
              const std::vector<uploaded>& changesets) {
    const auto done = server.upload(message(client, progress, changesets));
    ASSERT_TRUE(done) << done.error().message;
  }
  sync::error refuse(sync::file_ident client, sync::upload_cursor progress,
                     const std::vector<uploaded>& changesets) {
    const auto done = server.upload(message(client, progress, changesets));
    EXPECT_FALSE(done);
    return done ? sync::error{} : done.error();
  }

  const sync::history_entry& entry(sync::version_type version) const {
    return server.history.entries().at(version - 1);
  }
  std::string data(sync::version_type version) const {
    return std::string(entry(version).data.view());
  }
  /// The stored reciprocal; "-" if there is none.
  std::string reciprocal(sync::file_ident client, sync::version_type version) const {
    const auto& stored = server.history.reciprocals(client);
    const auto it = stored.find(version);
    return it == stored.end() ? "-" : std::string(it->second.view());
  }

  memory_server server;
};

} // namespace ros::test
