#include "hash_worker.hpp"

namespace ros::actors {

hash_worker_actor::behavior_type hash_worker(hash_worker_actor::stateful_pointer<hash_worker_state>,
                                             runtime::password_cost cost) {
  return {
      [cost](const hash_job& job) -> caf::result<hash_result> {
        hash_result result;
        if (!job.stored.empty()) {
          result.matches = runtime::verify_password(job.password, job.stored);
          if (!result.matches || !runtime::needs_rehash(job.stored, cost))
            return result;
        }
        result.fresh = runtime::hash_password(job.password, cost);
        // Without a new hash a match is still a match.
        if (result.fresh.empty() && !result.matches)
          return caf::make_error(ec::unavailable, std::string{"no memory to hash a password"});
        return result;
      },
  };
}

} // namespace ros::actors
