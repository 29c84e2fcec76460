#include "upload_worker.hpp"

#include "errors.hpp"
#include "realm_writer.hpp"

#include <exception>
#include <string>
#include <utility>

namespace ros::actors {

upload_worker_actor::behavior_type
upload_worker(upload_worker_actor::stateful_pointer<upload_worker_state>) {
  return {
      [](integrate_away& x) -> caf::result<bool> {
        // Not kept: the writer may end here if its REALM has ended meanwhile.
        const auto writer = std::move(x.writer);
        try {
          writer->integrate_away();
        } catch (const std::exception& e) { // memory is short, or a defect of ours
          return caf::make_error(ec::quarantined, std::string{e.what()});
        }
        return true;
      },
  };
}

} // namespace ros::actors
