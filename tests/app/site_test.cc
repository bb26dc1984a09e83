// How a site is made and what it is not opened with.
#include "app/site.h"

#include <filesystem>

#include "app/files.h"
#include "app/init_site.h"
#include "base/encoding.h"
#include "base/password.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class MakingASite : public ::testing::Test {
 protected:
  MakingASite() {
    options.site_dir = folder.path() / "site";
    options.site_name = "Lab-1";
    options.zone = "Asia/Shanghai";
    options.zone_offset_minutes = 480;
    options.listen = "127.0.0.1:1";
    options.administrators = {{"admin1", "First", std::string(32, 'a')},
                              {"admin2", "Second", std::string(32, 'b')}};
  }

  // Refused under this option, with nothing made.
  void ExpectRefused(const InitOptions& wrong, const std::string& option) {
    const auto made = InitSite(wrong, FixedClock(SiteFixture::kStart));
    ASSERT_FALSE(made) << option;
    EXPECT_EQ(made.error().reason, ErrorReason::kInvalidArgument);
    ASSERT_EQ(made.error().violations.size(), 1u) << made.error().message;
    EXPECT_EQ(made.error().violations[0].field, option);
    EXPECT_FALSE(std::filesystem::exists(options.site_dir)) << option;
  }

  TemporaryFolder folder;
  InitOptions options;
};

TEST_F(MakingASite, AsksForANameThatKeysCanHaveBeforeAnyFileIsMade) {
  SetPasswordCostForTests(64, 1);
  for (const std::string name :
       {"", "Lab 1", "Lab+1", "Lab/1", "Lab\n1", "Lab\u00a01", "Lab\u202e1", "Lab-1\xff"}) {
    InitOptions wrong = options;
    wrong.site_name = name;
    ExpectRefused(wrong, "--name");
  }
  InitOptions wrong = options;
  wrong.site_name = std::string(51, 'x');
  ExpectRefused(wrong, "--name");
  // The next try is not in the way of the first.
  options.site_name = std::string(50, 'x');
  const auto made = InitSite(options, FixedClock(SiteFixture::kStart));
  EXPECT_TRUE(made) << made.error().message;
  EXPECT_TRUE(Site::Open(options.site_dir, FixedClock(SiteFixture::kStart)));
}

TEST_F(MakingASite, AsksForAZoneAndTwoAdministratorsByTheRulesOfAccounts) {
  InitOptions wrong = options;
  wrong.zone = "";
  ExpectRefused(wrong, "--zone");
  wrong = options;
  wrong.zone_offset_minutes = 14 * 60 + 1;
  ExpectRefused(wrong, "--utc-offset");
  wrong.zone_offset_minutes = -wrong.zone_offset_minutes;
  ExpectRefused(wrong, "--utc-offset");
  for (const char* id : {"", "a", "Admin1", "admin 1", "admin-1", "../admin1"}) {
    wrong = options;
    wrong.administrators[1].user_id = id;
    ExpectRefused(wrong, "--admin");
  }
  for (const char* name : {"", " Second", "Sec\nond"}) {
    wrong = options;
    wrong.administrators[1].name = name;
    ExpectRefused(wrong, "--admin");
  }
  wrong = options;
  wrong.administrators[1].user_id = "admin1";
  ExpectRefused(wrong, "--admin");
}

TEST(OpeningASite, NeedsTheKeyThatItsSignaturesName) {
  const TemporaryFolder folder;
  SiteFixture fixture(folder.path());
  fixture.Close();
  const std::string path = SitePaths(folder.path()).signature_key;
  const std::string own = *ReadFile(path);
  ASSERT_TRUE(WriteFile(path, HexEncode(SigningKey::Generate().seed())));
  const auto refused = Site::Open(folder.path(), fixture.clock());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kDataLoss);
  EXPECT_NE(refused.error().message.find(path), std::string::npos) << refused.error().message;
  ASSERT_TRUE(WriteFile(path, own));
  EXPECT_TRUE(Site::Open(folder.path(), fixture.clock()));
}

}  // namespace
}  // namespace lims::app
