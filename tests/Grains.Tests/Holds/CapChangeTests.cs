using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>Caps and the account change while calls are in flight.</summary>
public sealed class CapChangeTests(PostgresFixture postgres) : HoldTest(postgres)
{
    [Fact]
    public async Task ChangeCap_AlertToHardBlock_CountsWhatIsHeldAndCoversItInADurableCeiling()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", enforcement: CapEnforcement.Alert);
        var hold = await GrantAsync(account, "0.7", time: TimeSpan.FromMinutes(30));
        Assert.Empty(await CeilingsAsync(account));

        var changed = await ChangeAsync(account, cap, new CapChange { Enforcement = CapEnforcement.HardBlock });

        Assert.Equal(Dollars("0.7"), changed.Held);
        var ceiling = Assert.Single(await CeilingsAsync(account));
        Assert.True(ceiling.Amount >= Dollars("0.7") && ceiling.Until >= hold.ExpiresAt, ceiling.ToString());
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.4"));

        // A crash forgets nothing of it.
        await using var next = await GrainHost.StartAsync(ConnectionString, Clock);
        Assert.True(await HeldAsync(account, cap, next) >= Dollars("0.7"));
    }

    [Fact]
    public async Task ChangeCap_DisabledAndEnabledAgain_CountsWhatWasHeldMeanwhile()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.4");
        await ChangeAsync(account, cap, new CapChange { Enabled = false });
        await GrantAsync(account, "0.5");

        var changed = await ChangeAsync(account, cap, new CapChange { Enabled = true });

        Assert.Equal(Dollars("0.9"), changed.Held);
        Assert.True(Assert.Single(await CeilingsAsync(account)).Amount >= Dollars("0.9"));
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.2"));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.1"));
    }

    [Fact]
    public async Task ChangeCap_LimitBelowWhatIsHeld_DeniesUntilEnoughIsDone()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var (first, second) = (await GrantAsync(account, "0.4"), await GrantAsync(account, "0.4"));

        await ChangeAsync(account, cap, new CapChange { Limit = Dollars("0.5") });

        var denied = await HoldAsync(account, Request("0.05"));
        Assert.Equal((DenialKind.Held, Dollars("0")), (denied.Check.Denials[0].Kind, denied.Check.Denials[0].Headroom));
        Assert.Equal(HoldStatus.Open, (await StateAsync(account, first)).Status);
        await SettleAsync(account, first, "0.05");
        await Host.Account(account).ReleaseHoldAsync(second.Id);
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.45"));
        Assert.Equal((Dollars("0.05"), Dollars("0.45")), await StandingAsync(account, cap));
    }

    [Fact]
    public async Task DeleteCap_WithHoldsOut_LeavesThemToTheOthers()
    {
        var account = await Host.SignUpAsync();
        var deleted = await CreateCapAsync(account, "1");
        var kept = await CreateCapAsync(account, "10", new CapScope(CapType.Model, "gpt-4o"));
        var hold = await GrantAsync(account, "0.6");

        Assert.Equal(CapAnswerKind.Done, (await Host.Account(account).DeleteCapAsync(deleted.Cap.Id)).Kind);

        Assert.Equal(kept.Cap.Id, Assert.Single(await CeilingsAsync(account)).Cap);
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, kept));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "5"));
        Assert.Empty((await SettleAsync(account, hold, "0.5")).Holds);
        Assert.Equal((Dollars("0.5"), Dollars("5")), await StandingAsync(account, kept));
    }

    [Fact]
    public async Task CreateCap_WithHoldsOut_CountsThoseThatMatchAndCoversThem()
    {
        var account = await Host.SignUpAsync();
        var acme = await GrantAsync(account, "0.6", Labels("acme"));
        await GrantAsync(account, "5", Labels("beta"));

        var cap = await CreateCapAsync(account, "1", new CapScope(CapType.Customer, "acme"));

        Assert.Equal(Dollars("0.6"), cap.Held);
        Assert.True(Assert.Single(await CeilingsAsync(account)).Amount >= Dollars("0.6"));
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.5", Labels("acme")));
        Assert.Empty((await SettleAsync(account, acme, "0.1")).Holds);
        Assert.Equal((Dollars("0.1"), Dollars("0")), await StandingAsync(account, cap));
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task ChangeTimeZone_WithHoldsOut_KeepsThem()
    {
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1", period: CapPeriod.Daily);
        var (settled, released) = (await GrantAsync(account, "0.3", key: "key"), await GrantAsync(account, "0.3"));

        await Host.Account(account).ChangeTimeZoneAsync("Asia/Kolkata");

        Assert.Equal(settled, await StateAsync(account, settled));
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
        Assert.Equal(settled.Id, (await HoldAsync(account, Request("0.3", key: "key", digest: "digest"))).Hold!.Id);
        Assert.Equal(HoldAnswerKind.Denied, await KindAsync(account, "0.5"));
        await SettleAsync(account, settled, "0.2");
        await Host.Account(account).ReleaseHoldAsync(released.Id);
        Assert.Equal((Dollars("0.2"), Dollars("0")), await StandingAsync(account, cap));
        Assert.Equal(HoldAnswerKind.Granted, await KindAsync(account, "0.8"));
        await AssertCapsEqualLedgerAsync(account);
    }

    [Fact]
    public async Task ChangeTimeZone_WhileACeilingRises_TakesTheAccountFromNobody()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        var cap = await CreateCapAsync(account, "1");
        var hold = await GrantAsync(account, "0.3");
        var request = Request("0.3");
        Task changing;
        await using (var database = NpgsqlDataSource.Create(ConnectionString))
        await using (var connection = await database.OpenConnectionAsync())
        await using (var other = await connection.BeginTransactionAsync())
        {
            // The account waits here when it opens anew: it has a new epoch and does not know that yet.
            await using var command = new NpgsqlCommand("LOCK TABLE open_holds IN ACCESS EXCLUSIVE MODE", connection, other);
            await command.ExecuteNonQueryAsync();
            changing = Host.Account(account).ChangeTimeZoneAsync("Asia/Kolkata");
            while ((long)(await AskAsync("SELECT count(*) FROM pg_locks WHERE relation = 'open_holds'::regclass AND NOT granted"))! == 0)
            {
                await Task.Yield();
            }

            Assert.Equal(HoldAnswerKind.SendAgain, (await Host.Account(account).HoldAsync(request)).Kind);

            // Nor is it tried: opening waits for ceilings under way, which must not become more and more.
            Assert.Equal(0, measured.Sum("llmobserve.holds.ceiling.writes", "outcome", "fenced"));
        }

        await changing;
        Assert.Equal(HoldAnswerKind.Granted, (await HoldAsync(account, request)).Kind);
        Assert.Equal(hold, await StateAsync(account, hold));
        Assert.Equal(Dollars("0.6"), await HeldAsync(account, cap));
        Assert.Equal(0, measured.Sum("llmobserve.account.fences"));
    }
}
