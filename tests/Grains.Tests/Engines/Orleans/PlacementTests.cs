using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Customers;
using LlmObserve.Testing;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace LlmObserve.Grains.Tests.Engines;

public sealed class PlacementTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Fact]
    public async Task CapsAndCustomers_OfAccountsOnEitherSilo_AreOnTheSiloOfTheirAccount()
    {
        var management = Host.Grains.GetGrain<IManagementGrain>(0);
        foreach (var silo in Host.Engine.Addresses)
        {
            var account = await Host.SignUpAsync();
            await ActivateOnAsync(silo, account);
            for (var i = 0; i < 8; i++)
            {
                var cap = await CreateCapAsync(account, "1");
                await Host.RecordAsync(account, [Event()]);

                Assert.Equal(silo, await management.GetActivationAddress(Host.Grains.GetGrain<ICapGrain>(cap.Cap.Id.ToString())));
                await Host.Account(account).GetCustomerTotalsAsync($"customer-{i}");
                Assert.Equal(silo, await management.GetActivationAddress(Host.Grains.GetGrain<ICustomerGrain>($"{account}/customer-{i}")));
            }

            Assert.Equal(silo, await management.GetActivationAddress(Host.Account(account)));
        }
    }

    private async Task ActivateOnAsync(SiloAddress silo, AccountId account)
    {
        // A hint goes along with all calls that a call makes, so the account must be there before it has caps.
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        await Host.Account(account).GetSettingsAsync();
        RequestContext.Clear();
    }
}
