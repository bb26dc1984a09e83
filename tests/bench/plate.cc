#include "plate.h"

#include <fmt/format.h>

#include "bench_site.h"

namespace lims::bench {
namespace {

constexpr int kColumns = 24;

class Plate {
 public:
  explicit Plate(v1::CreateRunRequest* run) : run_(run) {}
  // The next wells of the plate.
  void Add(v1::PositionRole role, const std::string& sample, const std::string& name,
           const std::string& target, int wells) {
    for (int i = 0; i < wells; ++i, ++next_) {
      v1::RunPosition& place = *run_->add_positions();
      place.set_position(
          fmt::format("{}{}", static_cast<char>('A' + next_ / kColumns), next_ % kColumns + 1));
      place.set_role(role);
      place.set_sample_id(sample);
      place.set_target(target);
      place.set_file_name(name);
    }
  }

 private:
  v1::CreateRunRequest* run_;
  int next_ = 0;
};

// A quantification cycle that the method accepts there; a little else in each well.
std::string CqOf(const v1::RunPosition& place, int well) {
  const bool reference = place.target() == "GAPDH";
  if (place.target() == "IPC") return fmt::format("27.{:03}", 100 + well % 7);
  const bool cells = place.role() == v1::POSITION_ROLE_SAMPLE ||
                     place.role() == v1::POSITION_ROLE_NEGATIVE_CONTROL ||
                     place.role() == v1::POSITION_ROLE_POSITIVE_CONTROL;
  if (cells && reference) return fmt::format("17.{:03}", 400 + well % 7);
  if (place.role() == v1::POSITION_ROLE_POSITIVE_CONTROL)
    return fmt::format("24.{:03}", 500 + well % 7);
  return "Undetermined";
}

}  // namespace

v1::CreateRunRequest PlateRun(int first_lot) {
  v1::CreateRunRequest run;
  run.set_method_id("M-TERT");
  run.set_instrument("QPCR-1");
  Plate plate(&run);
  for (int i = 0; i < kPlateSamples; ++i) {
    const std::string sample =
        fmt::format("{}-S{}", PlateLotName(first_lot + i / kSamplesOfLot), i % kSamplesOfLot + 1);
    for (const char* target : {"hTERT", "GAPDH"}) {
      plate.Add(v1::POSITION_ROLE_SAMPLE, sample, sample, target, 3);
      plate.Add(v1::POSITION_ROLE_NO_RT, "", "NRT " + sample, target, 1);
    }
    plate.Add(v1::POSITION_ROLE_SAMPLE, sample, sample, "IPC", 1);
  }
  for (const char* target : {"hTERT", "GAPDH"}) {
    plate.Add(v1::POSITION_ROLE_POSITIVE_CONTROL, "", "PC-CELLS", target, 3);
    plate.Add(v1::POSITION_ROLE_NEGATIVE_CONTROL, "", "NC-CELLS", target, 3);
    plate.Add(v1::POSITION_ROLE_EXTRACTION_BLANK, "", "EXTRACTION BLANK", target, 2);
    plate.Add(v1::POSITION_ROLE_NTC, "", "NTC", target, 2);
  }
  plate.Add(v1::POSITION_ROLE_NTC, "", "NTC", "IPC", 2);
  const auto set = [&](std::string name, const char* value) {
    v1::NamedValue& setup = *run.add_setup();
    setup.set_name(std::move(name));
    setup.set_value(value);
  };
  set("rna_a260_a280_lowest", "1.94");
  set("rna_a260_a280_highest", "2.02");
  set("rna_integrity_number", "8.6");
  set("genomic_dna_excluded", "yes");
  set("rna_input_per_rt", "1000");
  set("amplification_efficiency", "98");
  set("spike_lot", "IPC-1");
  set("extraction_batch", "RX-1");
  set("extraction_kit_lot", "KIT-1");
  set("rt_kit_lot", "RT-1");
  set("pcr_mix_lot", "MIX-1");
  set("primer_probe_lot", "PP-1");
  for (const char* reagent : {"extraction_kit", "rt_kit", "pcr_mix", "primer_probe"}) {
    set(reagent + std::string("_expiry"), "2099-12");
  }
  set("cells_extracted", "2000000");
  return run;
}

v1::SubmitRunRequest PlateData(const v1::CreateRunRequest& run) {
  std::string csv = "well,sample,target,cq\n";
  for (int i = 0; i < run.positions_size(); ++i) {
    const v1::RunPosition& place = run.positions(i);
    csv += fmt::format("{},{},{},{}\n", place.position(), place.file_name(), place.target(),
                       CqOf(place, i));
  }
  v1::SubmitRunRequest submit;
  v1::RawFileContent& file = *submit.add_files();
  file.set_file_name("plate.csv");
  file.set_content(std::move(csv));
  return submit;
}

}  // namespace lims::bench
