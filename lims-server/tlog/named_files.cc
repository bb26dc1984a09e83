#include "tlog/named_files.h"

#include "tlog/record.h"

namespace lims::tlog {

std::vector<NamedFile> NamedFiles(const v1::Record& record) {
  std::vector<NamedFile> files;
  const auto add = [&files](const v1::RawFile& file) {
    if (!file.sha256().empty()) files.push_back({file.sha256(), file.size_bytes()});
  };
  for (const v1::RawFile& file : record.run().raw_files()) add(file);
  add(record.attempt().document().file());
  add(record.amendment().evidence());
  if (record.has_external_certificate()) {
    const v1::ExternalCertificate& certificate = record.external_certificate();
    files.push_back({certificate.file_sha256(), certificate.file_bytes()});
  }
  add(SealOf(record));
  return files;
}

v1::RawFile SealOf(const v1::Record& record) {
  return record.has_attempt() ? record.attempt().sealed_entries()
                              : record.external_certificate().sealed_entry();
}

void WaitingSeals::Add(const v1::Record& record) {
  const v1::RawFile seal = SealOf(record);
  if (seal.sha256().empty()) return;
  OfRecord& known = records_[NameOf(MessageOf(record))];
  known.hashes.insert(seal.sha256());
  known.wait = record.has_attempt() ? record.attempt().outcome() == v1::OUTCOME_UNSPECIFIED
                                    : record.external_certificate().confirmed_by().empty();
}

std::set<std::string> WaitingSeals::Hashes() const {
  std::set<std::string> waiting;
  for (const auto& [name, known] : records_) {
    if (known.wait) waiting.insert(known.hashes.begin(), known.hashes.end());
  }
  return waiting;
}

}  // namespace lims::tlog
