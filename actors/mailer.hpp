// The MAILER: turns tokens into mails and hands them to the mail server one after the other;
// when it is busy or down, again later (operations.md 2.6). Owned by the node, if a mail
// server is configured.
#pragma once

#include "mail_text.hpp"
#include "web_actors.hpp"
#include "worker_pool.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace ros::actors {

struct mailer_context {
  std::function<mail_worker_actor()> spawn_worker;
  runtime::clock* clock = nullptr; ///< both outlive the actor
  runtime::random_source* random = nullptr;
  std::string from;     ///< bare address
  std::string base_url; ///< of the pages, without a slash at the end
  mail_template reset = reset_template();
  mail_template confirm = confirm_template();
  std::size_t max_waiting = 1000; ///< mails
  /// Waits before further attempts; doubled each time.
  std::chrono::seconds first_wait{15};
  unsigned max_attempts = 8;
};

using mailer_with_retries = mailer_actor::extend<
    /// INTERNAL: send this mail again.
    caf::reacts_to<restore_atom, std::uint64_t>>;

class mailer_state {
public:
  static inline const char* name = "mailer";
  using self_pointer = mailer_with_retries::stateful_pointer<mailer_state>;

  explicit mailer_state(self_pointer self) : pool(self), self_(self) {}
  void start(mailer_context context);
  caf::result<bool> take(const send_mail& x);
  void send(std::uint64_t id);

  worker_pool<self_pointer, mail_worker_actor, mail_job, mail_outcome> pool;

private:
  struct pending {
    mail_job job;
    std::string user_id; ///< for the log: addresses do not belong there
    unsigned attempts = 0;
  };

  void finish(std::uint64_t id, const caf::expected<mail_outcome>& outcome);

  self_pointer self_;
  mailer_context context_;
  std::map<std::uint64_t, pending> pending_;
  std::uint64_t last_id_ = 0;
};

mailer_with_retries::behavior_type mailer(mailer_with_retries::stateful_pointer<mailer_state> self,
                                          mailer_context context);

} // namespace ros::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::actors::mailer_context)
