// Everything that decides about one lot, loaded once and judged by pure functions.
#ifndef LIMS_DOMAIN_LOT_VIEW_H_
#define LIMS_DOMAIN_LOT_VIEW_H_

#include <cstdint>
#include <vector>

#include "lims/v1/lot.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/release.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/specification.pb.h"

namespace lims::domain {

// A record with its etag: the log index of the last event that changed it.
template <typename T>
struct Stored {
  T record;
  std::int64_t etag = 0;
};

// A parent, a parent's parent, or a lot that a fact names.
struct RelatedLot {
  v1::Lot lot;
  bool held = false;  // a hold on it is not lifted
  // Results of valid attempts outside their limits, for whatever purpose but validation and
  // training.
  std::vector<v1::Result> out_of_specification;
  // Log index of the newest event that changed the lot, a hold on it or one of these results.
  std::int64_t etag = 0;
};

struct LotView {
  Stored<v1::Lot> lot;
  Stored<v1::Specification> specification;             // the pinned revision
  std::vector<v1::SpecificationLine> lines;            // by position
  std::vector<v1::AttestationLine> attestation_lines;  // by position
  std::vector<v1::FactDefinition> fact_definitions;    // by position
  std::vector<Stored<v1::LotFact>> facts;
  std::vector<Stored<v1::Hold>> holds;
  std::vector<Stored<v1::Sample>> samples;
  std::vector<Stored<v1::Attempt>> attempts;  // by panel, number
  std::vector<Stored<v1::Result>> results;    // by line, attempt number
  std::vector<Stored<v1::Review>> reviews;
  std::vector<Stored<v1::Attestation>> attestations;
  std::vector<Stored<v1::ReleaseDecision>> decisions;
  std::vector<Stored<v1::Amendment>> amendments;              // by number
  std::vector<Stored<v1::Look>> looks;                        // by number
  std::vector<Stored<v1::ExternalCertificate>> certificates;  // at most one
  std::vector<RelatedLot> related;
  std::vector<v1::Method> methods;  // every version of those that the attempts name
};

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_LOT_VIEW_H_
