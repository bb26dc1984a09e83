#include "assay/potency_plate.h"

#include <string_view>
#include <utility>

#include "assay/findings.h"
#include "assay/limits.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

std::vector<Decimal> ResponsesOf(const PlateWells& wells) {
  std::vector<Decimal> responses;
  for (const v1::Datum* well : wells) {
    if (const std::optional<Decimal> response = NumberOf(*well)) responses.push_back(*response);
  }
  return responses;
}

std::optional<Decimal> ValueOf(const std::optional<Quotient>& quotient) {
  if (!quotient) return std::nullopt;
  return quotient->Value();
}

class ResponderChecks {
 public:
  ResponderChecks(const v1::AssayInput& input, const PlateSettings& settings,
                  v1::Computation& computation)
      : input_(input), settings_(settings), computation_(computation) {}

  Responders Run() && {
    const PlateWells stimulated = DataOfRole(input_, v1::POSITION_ROLE_STIMULATED);
    const PlateWells unstimulated = DataOfRole(input_, v1::POSITION_ROLE_UNSTIMULATED);
    CheckGroup(settings_, "STIMULATED", stimulated, *computation_.mutable_checks());
    CheckGroup(settings_, "UNSTIMULATED", unstimulated, *computation_.mutable_checks());
    responders_ = {MeanResponse(stimulated), MeanResponse(unstimulated)};
    AddMean("stimulated_mean", ValueOf(responders_.stimulated));
    AddMean("unstimulated_mean", ValueOf(responders_.unstimulated));
    CheckStimulation();
    if (settings_.unstimulated_max) {
      *computation_.add_checks() =
          LimitCheck("unstimulated_mean", "", ValueOf(responders_.unstimulated),
                     {std::nullopt, settings_.unstimulated_max}, "missing");
    }
    CheckBackground();
    CheckBackgroundSpread(v1::POSITION_ROLE_BLANK);
    CheckBackgroundSpread(v1::POSITION_ROLE_MSC_ALONE);
    return std::move(responders_);
  }

 private:
  void AddMean(std::string_view name, const std::optional<Decimal>& value) {
    if (value) AddDetail(name, value->ToString(), "", *computation_.mutable_details());
  }

  // P / N of means above the blank. With N at zero or below, any stimulation is strong enough.
  void CheckStimulation() {
    const Quotient blank =
        MeanResponse(DataOfRole(input_, v1::POSITION_ROLE_BLANK)).value_or(Quotient());
    std::string observed = "missing";
    bool ok = false;
    if (responders_.stimulated && responders_.unstimulated) {
      const Quotient p = *responders_.stimulated - blank;
      const Quotient n = *responders_.unstimulated - blank;
      const bool rises = n.Value() < p.Value();
      if (Decimal() < n.Value()) {
        const Decimal index = (p / n).Value();
        observed = index.ToString();
        ok = rises && index >= settings_.stimulation_index_min;
        AddMean("stimulation_index", index);
      } else {
        observed = rises ? "P above N, N not above the blank" : "P not above N";
        ok = rises;
      }
    }
    *computation_.add_checks() =
        MakeCheck("stimulation_index", "", observed,
                  "P above N and P / N >= " + settings_.stimulation_index_min.ToString(), ok);
  }

  void CheckBackground() {
    const PlateWells wells = DataOfRole(input_, v1::POSITION_ROLE_MSC_ALONE);
    const std::optional<Decimal> mean = ValueOf(MeanResponse(wells));
    AddMean("msc_alone_mean", mean);
    if (!settings_.msc_alone_max) return;
    *computation_.add_checks() =
        LimitCheck("msc_alone_mean", "", mean, {std::nullopt, settings_.msc_alone_max}, "missing");
  }

  // Near zero a CV says nothing, so the SD is compared with what the plate can show.
  void CheckBackgroundSpread(v1::PositionRole role) {
    const PlateWells wells = DataOfRole(input_, role);
    if (!settings_.background_sd_max || wells.empty()) return;
    const std::string group = v1::EnumWord(role);
    const std::vector<Decimal> responses = ResponsesOf(wells);
    *computation_.add_checks() = CountCheck("wells", group, responses.size(), settings_.wells_min);
    if (responses.size() < 2) return;
    std::optional<Decimal> sd;
    if (responders_.stimulated) sd = SdPercentOf(responses, *responders_.stimulated);
    *computation_.add_checks() =
        LimitCheck("background_sd", group, sd, {std::nullopt, settings_.background_sd_max, "%"},
                   "stimulated mean not above zero");
  }

  const v1::AssayInput& input_;
  const PlateSettings& settings_;
  v1::Computation& computation_;
  Responders responders_;
};

}  // namespace

PlateSettings ReadPlateSettings(ParameterReader& reader) {
  PlateSettings settings;
  settings.stimulation_index_min = reader.Number("stimulation_index_min");
  settings.well_cv_max = reader.Number("well_cv_max");
  settings.wells_min = reader.Count("wells_min", 1);
  settings.unstimulated_max = reader.OptionalNumber("unstimulated_max");
  settings.msc_alone_max = reader.OptionalNumber("msc_alone_max");
  settings.background_sd_max = reader.OptionalNumber("background_sd_max");
  if (settings.background_sd_max && settings.wells_min < 2) {
    reader.Refuse("background_sd_max", "needs wells_min of 2 or more: one well has no SD");
  }
  return settings;
}

std::vector<v1::PositionRole> NeededControls(const PlateSettings& settings) {
  std::vector<v1::PositionRole> needed = {v1::POSITION_ROLE_STIMULATED,
                                          v1::POSITION_ROLE_UNSTIMULATED};
  if (settings.msc_alone_max) needed.push_back(v1::POSITION_ROLE_MSC_ALONE);
  return needed;
}

DoseGroups ByDose(const PlateWells& wells) {
  DoseGroups doses;
  for (const v1::Datum* well : wells) {
    const Result<Decimal> dose = Decimal::Parse(well->dose());
    doses[dose ? std::optional(*dose) : std::nullopt].push_back(well);
  }
  return doses;
}

std::optional<Quotient> MeanResponse(const PlateWells& wells) {
  const std::vector<Decimal> responses = ResponsesOf(wells);
  if (responses.empty()) return std::nullopt;
  return MeanOf(responses);
}

void CheckGroup(const PlateSettings& settings, const std::string& group, const PlateWells& wells,
                google::protobuf::RepeatedPtrField<v1::Check>& checks) {
  const std::vector<Decimal> responses = ResponsesOf(wells);
  *checks.Add() = CountCheck("wells", group, responses.size(), settings.wells_min);
  if (responses.size() < 2) return;
  *checks.Add() = LimitCheck("well_cv", group, CvPercentOf(responses),
                             {std::nullopt, settings.well_cv_max, "%"}, "mean is zero");
}

Responders CheckResponders(const v1::AssayInput& input, const PlateSettings& settings,
                           v1::Computation& computation) {
  return ResponderChecks(input, settings, computation).Run();
}

}  // namespace lims::assay
