// Leaving out what summaries call unrelated must not change a byte of a merge,
// neither against the history nor against what earlier merges made of it.
#include "sync/codec_random.hpp"
#include "sync/merge.hpp"
#include "sync/summary.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ros::sync::testing {
namespace {

/// Merges a run into a window. False if they contradict each other.
bool merge_all(const std::vector<merge_changeset*>& window, std::vector<merge_changeset>& run) {
  std::vector<merge_changeset*> minors;
  for (merge_changeset& minor : run) {
    minors.push_back(&minor);
  }
  return merge(window, minors).has_value();
}

std::vector<merge_changeset*> whole(std::vector<merge_changeset>& window) {
  std::vector<merge_changeset*> majors;
  for (merge_changeset& major : window) {
    majors.push_back(&major);
  }
  return majors;
}

/// The part of the window that the run may interact with, by the summaries of
/// the history entries.
std::vector<merge_changeset*> related(std::vector<merge_changeset>& window,
                                      const std::vector<std::string>& summaries,
                                      const std::vector<merge_changeset>& run) {
  run_signature signature;
  for (const merge_changeset& minor : run) {
    signature.add(minor.changes);
  }
  signature.finish();
  std::vector<merge_changeset*> majors;
  for (std::size_t i = 0; i < window.size(); ++i) {
    if (may_interact(summaries[i], signature)) {
      majors.push_back(&window[i]);
    }
  }
  return majors;
}

std::vector<std::string> encoded(const std::vector<merge_changeset>& side) {
  std::vector<std::string> result;
  for (const merge_changeset& part : side) {
    result.push_back(hex(encode_changeset(part.changes)));
  }
  return result;
}

struct tally {
  int merged = 0;
  int left_out = 0;
};

/// A window of history and two runs of one client one after the other.
class scenario {
public:
  explicit scenario(random_changesets& random) : random_(random) {
    window_ = some(6, 2);
    for (const merge_changeset& entry : window_) {
      summaries_.push_back(summarize(entry.changes));
    }
  }

  void run(tally& outcomes) {
    for (int upload = 0; upload < 2; ++upload) {
      std::vector<merge_changeset> run_of_all = some(2, 3);
      std::vector<merge_changeset> run_of_related = run_of_all;
      std::vector<merge_changeset> copy = window_;
      const auto majors = related(copy, summaries_, run_of_related);
      const bool merged = merge_all(whole(window_), run_of_all);
      ASSERT_EQ(merge_all(majors, run_of_related), merged);
      if (!merged) {
        return;
      }
      ASSERT_EQ(encoded(copy), encoded(window_));
      ASSERT_EQ(encoded(run_of_related), encoded(run_of_all));
      outcomes.merged += 1;
      outcomes.left_out += static_cast<int>(window_.size() - majors.size());
    }
  }

private:
  std::vector<merge_changeset> some(int count, file_ident origin) {
    std::vector<merge_changeset> result;
    for (int i = 0; i < count; ++i) {
      result.push_back({random_({.instructions = 1 + static_cast<int>(random_.below(3)),
                                 .keys = 8,
                                 .schema = random_.below(3) == 0,
                                 .erasures = random_.below(3) == 0}),
                        random_.below(1000) * 10 + origin, origin});
    }
    return result;
  }

  random_changesets& random_;
  std::vector<merge_changeset> window_;
  std::vector<std::string> summaries_;
};

} // namespace

TEST(summary_merge, leaving_out_what_is_unrelated_changes_nothing) {
  random_changesets random(41);
  tally outcomes;
  for (int i = 0; i < 4'000; ++i) {
    SCOPED_TRACE(i);
    scenario(random).run(outcomes);
    if (HasFatalFailure()) {
      return;
    }
  }
  EXPECT_GT(outcomes.merged, 2'000);
  EXPECT_GT(outcomes.left_out, 4'000);
}

} // namespace ros::sync::testing
