// The bundle that proves the history of a lot offline.
#ifndef LIMS_APP_EXPORT_H_
#define LIMS_APP_EXPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/audit_service.pb.h"

namespace lims::app {

// A file of a bundle. A raw file or manifest is only named at first: see ReadBundleFiles.
struct BundleFile {
  std::string path;         // inside the bundle
  std::string bytes;        // empty when it is a blob
  std::string blob_sha256;  // hex; empty when it is none
};

// Collects the lot's stream and every stream that its records name, each from 0 to its head,
// records the export with these heads, then gives the files of the bundle: the events, manifests
// and raw files, an inclusion proof for every event, and the consistency of an earlier checkpoint
// with the present one. CHANGED when the streams go on growing meanwhile.
Result<std::vector<BundleFile>> ExportLot(Site& site, const Call& call,
                                          const v1::ExportLotRequest& request);

// Reads the bytes of blobs until the files from `first` on hold that many or all are read. Events
// name them, so they never go.
Result<void> ReadBundleFiles(Site& site, std::size_t first, std::size_t bytes,
                             std::vector<BundleFile>* files);

}  // namespace lims::app

#endif  // LIMS_APP_EXPORT_H_
