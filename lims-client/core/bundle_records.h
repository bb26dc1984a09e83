// The second half of verifying a bundle: what the proven events say must itself hold together.
#ifndef LIMS_CLIENT_CORE_BUNDLE_RECORDS_H_
#define LIMS_CLIENT_CORE_BUNDLE_RECORDS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/bundle_verifier.h"
#include "lims/v1/event.pb.h"

namespace lims::client {

// Events by stream, in order; redacted and altered ones are left out.
using EventsByStream = std::map<std::string, std::vector<v1::Event>>;

// Checks that every stream that the lot's records name is among `streams`, every electronic
// signature, and that every blob is there with the size that its record states. Counts signatures.
// Gives the blobs that records name; their hashes are not checked here.
std::set<std::string> CheckRecords(const Bundle& bundle, const Bundle::Sizes& files,
                                   const std::string& lot, const std::set<std::string>& streams,
                                   const EventsByStream& events, BundleReport* report);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_BUNDLE_RECORDS_H_
