// What tests of log-in and administration stand on: an ADMIN REALM on a real
// database behind a log that the test controls, under virtual time.
#pragma once

#include "held_shard_log.hpp"

#include "actors/admin_realm.hpp"
#include "storage/admin_store.hpp"
#include "support/actor_world.hpp"
#include "support/scratch_directory.hpp"

#include <memory>
#include <string>

namespace ros::test {

class auth_world : public actor_world {
public:
  auth_world() : log(*database) { start_admin_realm(); }
  ~auth_world() {
    stop(admin_realm);
    stop(log_actor);
  }

  /// Starts the ADMIN REALM (again) from what is stored.
  void start_admin_realm(actors::admin_realm_options options = {}) {
    stop(admin_realm);
    stop(log_actor);
    log_actor = log.spawn(system());
    admin_realm = system().spawn(
        actors::admin_realm,
        actors::admin_realm_context{
            log_actor,
            [this](const storage::admin_row_visitor& visit) -> storage::result<std::uint64_t> {
              ++loads;
              if (unreadable)
                return storage::error{storage::ec::io, "unreadable, says the test"};
              return storage::visit_admin_rows(*database, visit, actors::first_audit_key);
            },
            &clock, &random, options,
            [this](const std::string& end, const auto& visit) {
              return storage::visit_admin_rows_backwards(*database, actors::first_audit_key, end,
                                                         visit);
            }});
    run();
  }

  template <class Handle>
  void stop(const Handle& actor) {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    run();
  }

  /// Registers a user with a password account; the id.
  std::string add_user(const std::string& name, const std::string& credential = "H(secret)") {
    return ask<actors::user_record>(admin_realm,
                                    actors::register_user{{"password", name}, credential})
        ->id;
  }

  manual_clock clock;
  seeded_random random;
  test::scratch_directory root;
  std::unique_ptr<storage::database> database = storage::database::open(root.path()).value();
  held_shard_log log;
  cluster::shard_log_actor log_actor;
  actors::admin_realm_actor admin_realm;
  bool unreadable = false; ///< storage fails to read
  int loads = 0;           ///< times that the rows were read
};

} // namespace ros::test
