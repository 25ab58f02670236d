using System.Net;
using System.Net.Sockets;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Startup;

/// <summary>Starting again, several at once, and stopping in trouble.</summary>
public sealed class RestartTests
{
    private const string NextSteps = "Sign up, and keep the API key";

    [Fact]
    public async Task Start_FirstSecondAndAfterKill_KeepsData()
    {
        await using var folder = ServerFolder.Create();
        await using var first = await ServerProcess.StartAsync(folder);
        using var client = await ApiClient.SignUpAsync(first);
        (await client.PostEventsAsync(Harness.Events.Batch("kept", 5))).Expect(HttpStatusCode.Created);
        using var dashboard = new HttpClient { BaseAddress = first.Dashboard };
        var page = await dashboard.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Contains(NextSteps, first.Output, StringComparison.Ordinal);
        Assert.Contains($"{first.Api.GetLeftPart(UriPartial.Authority)}/auth/signup", first.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        Assert.Equal(0, await first.StopAsync());
        Assert.Null(folder.PostgresProcess);
        Assert.Equal("", first.Errors);

        await using var second = await ServerProcess.StartAsync(folder);
        using var onSecond = client.On(second);
        Assert.DoesNotContain(NextSteps, second.Output, StringComparison.Ordinal);
        Assert.Equal(5, (await onSecond.GetAsync("stats/overview?hours=24")).GetProperty("call_count").GetInt64());

        await second.KillAsync();
        var postgres = folder.PostgresProcess;
        Assert.NotNull(postgres);
        await using var third = await ServerProcess.StartAsync(folder);
        using var onThird = client.On(third);
        Assert.Equal(postgres, folder.PostgresProcess);
        Assert.Equal(5, (await onThird.GetAsync("stats/overview?hours=24")).GetProperty("call_count").GetInt64());
        Assert.Equal(0, await third.StopAsync());
        Assert.Null(folder.PostgresProcess);
    }

    [Fact]
    public async Task Start_DashboardsPortTaken_SaysSoAndLeavesNothingRunning()
    {
        await using var folder = ServerFolder.Create();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        await using var server = ServerProcess.Launch(folder, new ServerSettings(WebUrls: address));

        Assert.Equal(1, await server.ExitAsync());
        Assert.Equal($"{address} is taken by another program. Free it, or choose another address with --web-urls.", server.Errors);
        Assert.Null(folder.PostgresProcess);
    }

    [Fact]
    public async Task Start_TwoAtOnceOnOneDatabase_BothServe()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var oneFolder = ServerFolder.Create();
        await using var otherFolder = ServerFolder.Create();
        var settings = new ServerSettings(postgres.ConnectionString);

        await using var one = ServerProcess.Launch(oneFolder, settings);
        await using var other = ServerProcess.Launch(otherFolder, settings);
        await Task.WhenAll(one.ReadyAsync(), other.ReadyAsync());

        using var onOne = await ApiClient.SignUpAsync(one);
        using var onOther = onOne.On(other);
        (await onOther.PostEventsAsync(Harness.Events.Batch("from-other", 3))).Expect(HttpStatusCode.Created);
        Assert.Equal(3, (await onOne.GetAsync("stats/overview?hours=24")).GetProperty("call_count").GetInt64());
        Assert.Equal(0, await one.StopAsync());
        Assert.Equal(0, await other.StopAsync());
    }

    [Fact]
    public async Task Stop_DatabaseGone_ExitsInOrder()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(postgres.ConnectionString));
        using var client = await ApiClient.SignUpAsync(server);
        await client.CreateCapAsync("global", null, 1);
        (await client.PostEventsAsync(Harness.Events.Batch("before", 3))).Expect(HttpStatusCode.Created);
        await postgres.CrashAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostEventsAsync(Harness.Events.Batch("after", 3))).Status);

        Assert.Equal(0, await server.StopAsync());
    }
}
