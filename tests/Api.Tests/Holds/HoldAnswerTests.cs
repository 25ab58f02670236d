using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Caps;
using LlmObserve.Api.Holds;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Storage.Prices;
using LlmObserve.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace LlmObserve.Api.Tests.Holds;

/// <summary>What clients hear of an account that answers in every way that it may, also those that a healthy one never does.</summary>
public sealed class HoldAnswerTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly Caller s_caller = Caller.OfKey(AccountId.New(), null, Guid.NewGuid(), ApiScope.Check, "llmo_sk_test");

    private readonly List<HoldRequest> _asked = [];

    [Fact]
    public async Task Check_AccountAsksAgain_IsSentTheSameRequestUntilItAnswers()
    {
        var answer = await AskAsync(request => _asked.Count < GrainCalls.MaxSends ? HoldAnswer.SendAgain : Granted(request));

        Assert.True(Assert.IsType<Ok<HoldCheckAnswer>>(answer).Value!.Allowed);
        Assert.Equal(GrainCalls.MaxSends, _asked.Count);
        Assert.Single(_asked.Distinct());
    }

    [Fact]
    public async Task Check_AccountAsksAgainForGood_IsUnavailable()
    {
        var problem = Assert.IsType<Problem>(await AskAsync(_ => HoldAnswer.SendAgain));

        Assert.Equal(GrainCalls.MaxSends, _asked.Count);
        Assert.Equal((503, "unavailable", (int?)Problems.UnavailableRetryAfterSeconds), (problem.Status, problem.Code, problem.RetryAfterSeconds));
    }

    [Fact]
    public async Task Check_DatabaseAway_IsUnavailable()
    {
        var problem = Assert.IsType<Problem>(await AskAsync(_ => HoldAnswer.Unavailable));

        Assert.Single(_asked);
        Assert.Equal((503, "unavailable", ShedReasons.Ledger), (problem.Status, problem.Code, problem.Shed));
        Assert.NotNull(problem.RetryAfterSeconds);
    }

    [Fact]
    public async Task Check_TooManyHolds_IsToldToComeBack()
    {
        var problem = Assert.IsType<Problem>(await AskAsync(_ => HoldAnswer.TooMany));

        Assert.Equal((429, "too-many-holds", ShedReasons.Holds), (problem.Status, problem.Code, problem.Shed));
        Assert.NotNull(problem.RetryAfterSeconds);
    }

    [Fact]
    public async Task Check_HoldThatExpiredMeanwhile_SaysSo()
    {
        var answer = await AskAsync(request => Granted(request, HoldStatus.Expired));

        Assert.Equal("expired", Assert.IsType<Ok<HoldCheckAnswer>>(answer).Value!.Status);
    }

    [Fact]
    public async Task Check_DecidedFromMemory_IsStale()
    {
        var answer = await AskAsync(request => Granted(request) with { Check = CapCheck.FreeButStale });

        Assert.True(Assert.IsType<Ok<HoldCheckAnswer>>(answer).Value!.Stale);
    }

    [Fact]
    public async Task Check_HeadroomMovesWhileClamping_AsksForLessAFewTimesAndThenSaysNo()
    {
        var headroom = TestHolds.InputCost + (400 * TestHolds.OutputTokenCost);

        // Another call is always faster, by a hundred tokens of output.
        var answer = await AskAsync(_ => Denied(DenialKind.Held, headroom -= 100 * TestHolds.OutputTokenCost), clamp: true);

        var denied = Assert.IsType<Ok<HoldCheckAnswer>>(answer).Value!;
        Assert.False(denied.Allowed);
        Assert.Equal(
            [Usd.Parse(TestHolds.Cost), Usd.Parse("0.0055"), Usd.Parse("0.0045"), Usd.Parse("0.0035")], _asked.Select(request => request.Amount));
        Assert.Single(_asked.Select(request => request with { Amount = Usd.Zero }).Distinct());
        Assert.Equal((Usd.Parse(TestHolds.Cost), null), (denied.AmountUsd, denied.MaxOutputTokens));
    }

    [Fact]
    public async Task Check_HeadroomMovesOnceWhileClamping_HoldsWhatFitsThen()
    {
        var answer = await AskAsync(
            request => _asked.Count switch
            {
                1 => Denied(DenialKind.Held, 0.005m),
                2 => Denied(DenialKind.Held, 0.0045m),
                _ => Granted(request),
            },
            clamp: true);

        var granted = Assert.IsType<Ok<HoldCheckAnswer>>(answer).Value!;
        Assert.Equal((true, true, 200L, Usd.Parse("0.0045")), (granted.Allowed, granted.Clamped, granted.MaxOutputTokens, granted.AmountUsd));
    }

    [Theory]
    [InlineData(1, 1L)]
    [InlineData(10_000, 1L)]
    [InlineData(10_001, 2L)]
    [InlineData(20_000, 2L)]
    public async Task Check_RetryAfter_IsInWholeMillisecondsRoundedUp(long ticks, long milliseconds)
    {
        var answer = await AskAsync(_ => Denied(DenialKind.Held, 0, TimeSpan.FromTicks(ticks)));

        var denied = Assert.IsType<Ok<HoldCheckAnswer>>(answer).Value!;
        Assert.Equal((milliseconds, milliseconds), (denied.RetryAfterMs, Assert.Single(denied.ExceededCaps).RetryAfterMs));
    }

    [Fact]
    public async Task Check_Measured_CountsItsOutcomeAndReason()
    {
        var meters = app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        using var measured = new Measurements(meters);

        await AskAsync(request => Granted(request));
        await AskAsync(_ => Denied(DenialKind.HoldShare, 0.005m));
        await AskAsync(_ => HoldAnswer.Unavailable);

        Assert.Equal((1, 1), (measured.Sum("llmobserve.checks", "outcome", "allowed"), measured.Sum("llmobserve.checks", "outcome", "denied")));
        Assert.Equal(2, measured.Of("llmobserve.check.duration").Count);
        var denial = Assert.Single(measured.Of("llmobserve.check.denials"));
        Assert.Equal(("hold_share", "global"), (denial.Tags["reason"], denial.Tags["cap.type"]));
    }

    private static HoldAnswer Granted(HoldRequest request, HoldStatus status = HoldStatus.Open) => new(
        HoldAnswerKind.Granted,
        CapCheck.Free,
        new HoldState(request.Id, request.Labels, request.Amount, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch + request.Time, status, null));

    private static HoldAnswer Denied(DenialKind kind, decimal headroom, TimeSpan? retryAfter = null)
    {
        var cap = new Cap
        {
            Id = CapId.New(),
            Account = s_caller.Account,
            Scope = new CapScope(CapType.Global, ""),
            TargetName = "",
            Limit = Usd.Parse("1"),
            Period = CapPeriod.Daily,
            Enforcement = CapEnforcement.HardBlock,
            Thresholds = [1m],
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
        var denial = new CapDenial(new CapStanding(cap, Usd.Zero, Usd.Zero), kind, Usd.FromDollars(headroom), retryAfter);
        return new HoldAnswer(HoldAnswerKind.Denied, CapCheck.Denied(CapDecision.Of([denial]), stale: false), null);
    }

    private async Task<IResult> AskAsync(Func<HoldRequest, HoldAnswer> answer, bool clamp = false)
    {
        var account = DispatchProxy.Create<IAccountGrain, ScriptedAccount>();
        ((ScriptedAccount)account).Answer = request =>
        {
            _asked.Add(request);
            return answer(request);
        };
        var grains = DispatchProxy.Create<IGrainFactory, OneGrain>();
        ((OneGrain)grains).Grain = account;
        var time = new InstantClock();
        var endpoint = new HoldCheckEndpoint(
            new GrainCalls(grains, time, NullLogger<GrainCalls>.Instance),
            app.Services.GetRequiredService<PriceBooks>(),
            app.Services.GetRequiredService<AccountPriceLists>(),
            app.Services.GetRequiredService<CheckMetrics>(),
            time);
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(TestHolds.Ask(new { clamp }).ToJsonString()));
        return (await endpoint.CheckAsync(s_caller, context)).Result;
    }

    /// <summary>An account that answers holds as it is told.</summary>
    public class ScriptedAccount : DispatchProxy
    {
        internal Func<HoldRequest, HoldAnswer>? Answer { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            args is [HoldRequest request] ? Task.FromResult(Answer!(request)) : throw new NotSupportedException(targetMethod?.Name);
    }

    /// <summary>Gives one grain for every key.</summary>
    public class OneGrain : DispatchProxy
    {
        internal object? Grain { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grain;
    }
}
