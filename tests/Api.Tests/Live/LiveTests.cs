using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using LlmObserve.Api.Live;
using LlmObserve.Api.Tests.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Api.Tests.Live;

/// <summary>Streams of changes over real HTTP.</summary>
public sealed class LiveTests(LiveApp app) : IClassFixture<LiveApp>
{
    [Fact]
    public async Task Live_AnEventPosted_ArrivesWithTheTotals()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("0.5"));
        using var stream = await LiveApp.OpenAsync(person.Session);
        var hello = (await stream.NextAsync())!;

        await person.SendAsync(TestEvents.Make("0.25"), TestEvents.Make("0.125"));
        var change = (await stream.NextAsync())!;

        Assert.Equal(("hello", "1", LiveLimits.RetryMs), (hello.Name, hello.Id, stream.RetryMs));
        Assert.Equal("""{"total_cost":0.5,"call_count":1}""", hello.Json.GetProperty("today").GetRawText());
        Assert.Equal(["events", "caps", "holds", "settings"], Changed(hello));
        Assert.Equal(("change", "3"), (change.Name, change.Id));
        Assert.Equal(3, change.Json.Number("last_seq"));
        foreach (var period in (string[])["today", "week", "month"])
        {
            Assert.Equal("""{"total_cost":0.875,"call_count":3}""", change.Json.GetProperty(period).GetRawText());
        }

        Assert.Equal(["events"], Changed(change));
        Assert.False(change.Json.GetProperty("stale").GetBoolean());
    }

    [Fact]
    public async Task Live_Headers_TellProxiesToPassThingsOnAtOnce()
    {
        using var person = await app.SignUpAsync();

        using var response = await person.Session.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
    }

    [Fact]
    public async Task Live_ACapAndAHold_SayWhichHaveChanged()
    {
        using var person = await app.SignUpAsync();
        using var stream = await LiveApp.OpenedAsync(person.Session);

        await person.CreateCapAsync(new { cap_type = "global", limit_amount = 1, period = "daily", enforcement = "hard_block" });
        var cap = (await stream.NextAsync())!;
        await person.Sdk.PostAsJsonAsync("/caps/check", new { provider = "openai", model = "gpt-4o", estimate = new { cost_usd = 0.5 } }).JsonAsync();
        var hold = (await stream.NextAsync())!;

        Assert.Equal(["caps"], Changed(cap));
        Assert.Equal(["holds"], Changed(hold));
    }

    [Fact]
    public async Task Live_AnotherAccountsEvents_DoNotArrive()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        using var stream = await LiveApp.OpenedAsync(person.Session);
        using var theirs = await LiveApp.OpenedAsync(stranger.Session);

        await stranger.SendAsync(TestEvents.Make("7"));
        Assert.Equal("1", (await theirs.NextAsync())!.Id);
        await person.SendAsync(TestEvents.Make("0.5"));

        // The first that comes is of the account's own event, and knows of no other.
        var first = (await stream.NextAsync())!;
        Assert.Equal(("1", 0.5m), (first.Id, first.Json.GetProperty("today").GetProperty("total_cost").GetDecimal()));
    }

    [Fact]
    public async Task Live_Quiet_HasAHeartbeat()
    {
        using var person = await app.SignUpAsync();
        using var stream = await LiveApp.OpenedAsync(person.Session);

        app.Heart.Advance(LiveLimits.HeartbeatEvery);

        Assert.True((await stream.NextAsync())!.IsComment);
    }

    [Fact]
    public async Task Live_ItsKeyRevoked_EndsAndDoesNotComeBack()
    {
        using var person = await app.SignUpAsync();
        var key = await person.Session.PostAsJsonAsync("/api-keys", new { name = "screen", scopes = (string[])["read"] }).JsonAsync();
        using var screen = app.With(key.Text("key"));
        using var stream = await LiveApp.OpenedAsync(screen);
        using var other = await LiveApp.OpenedAsync(person.Session);
        app.PassACheck();
        Assert.True((await stream.NextAsync())!.IsComment);

        (await person.Session.DeleteAsync($"/api-keys/{key.Text("id")}")).EnsureSuccessStatusCode();
        app.PassACheck();

        Assert.Null(await stream.NextEventAsync());
        using var again = await screen.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(401, (int)again.StatusCode);
        await person.SendAsync(TestEvents.Make("0.5"));
        Assert.Equal("change", (await other.NextEventAsync())!.Name);
    }

    [Fact]
    public async Task Live_ItsSessionEnded_Ends()
    {
        using var person = await app.SignUpAsync();
        using var device = app.With((await app.SignInAsync(person.Email)).Text("token"));
        using var stream = await LiveApp.OpenedAsync(device);

        (await device.PostAsync("/auth/logout", null)).EnsureSuccessStatusCode();
        app.PassACheck();

        Assert.Null(await stream.NextEventAsync());
    }

    [Fact]
    public async Task Live_ItsMemberRemoved_Ends()
    {
        using var owner = await app.SignUpAsync();
        var account = await owner.MakeAccountAsync();
        using var member = await app.SignUpIntoAsync(account, "viewer");
        using var there = await app.SwitchedAsync(member, account);
        using var stream = await LiveApp.OpenedAsync(there);

        await owner.RemoveAsync(account, await app.UserIdAsync(member));
        app.PassACheck();

        Assert.Null(await stream.NextEventAsync());
    }

    [Fact]
    public async Task Live_AKeyWithoutRead_IsRefused()
    {
        using var person = await app.SignUpAsync();
        Assert.Equal("missing-scope", (await person.Sdk.GetAsync("/live").JsonAsync(403)).Text("code"));
    }

    [Fact]
    public async Task Live_AReaderThatDoesNotRead_GetsTheNewestAndNotAllBeforeIt()
    {
        const int Messages = 60_000;
        using var person = await app.SignUpAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8 << 10 };
        await socket.ConnectAsync("127.0.0.1", app.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /live HTTP/1.0\r\nHost: x\r\nAuthorization: {person.Session.DefaultRequestHeaders.Authorization}\r\n\r\n"));
        using var bytes = new NetworkStream(socket);
        await ReadPastAsync(bytes, "\r\n\r\n");
        using var stream = new ServerSentEvents(bytes);
        await stream.NextAsync();
        var account = app.Services.GetRequiredService<LiveAccounts>().Find(await app.PersonalAccountAsync(person))!;

        for (var i = 1; i <= Messages; i++)
        {
            await account.ChangedAsync(Change(i));
        }

        var read = 0;
        var last = "";
        while (last != $"{Messages}")
        {
            last = (await stream.NextEventAsync())!.Id;
            read++;
        }

        Assert.InRange(read, 1, Messages - 1);
    }

    [Fact]
    public async Task Live_TheLastStreamOfAnAccountClosed_EndsItsWatch()
    {
        using var person = await app.SignUpAsync();
        var key = await app.PersonalAccountAsync(person);
        var accounts = app.Services.GetRequiredService<LiveAccounts>();
        var changes = new Changes();
        using var measurements = new Measurements(app.Services.GetRequiredService<IMeterFactory>()) { Added = changes.Tell };
        var (first, second) = (await LiveApp.OpenedAsync(person.Session), await LiveApp.OpenedAsync(person.Session));
        Assert.Equal(2, accounts.Find(key)!.Users);

        first.Dispose();
        second.Dispose();

        await changes.UntilAsync(() => accounts.Find(key) is null, () => "the watch to end");
    }

    [Fact]
    public async Task Live_StreamsAndMessages_AreMeasured()
    {
        using var person = await app.SignUpAsync();
        using var measurements = new Measurements(app.Services.GetRequiredService<IMeterFactory>());
        using var stream = await LiveApp.OpenedAsync(person.Session);

        await person.SendAsync(TestEvents.Make("0.5"));
        await stream.NextAsync();

        Assert.Contains(measurements.Of("llmobserve.live.streams"), measured => measured.Value == 1);
        Assert.Contains(measurements.Of("llmobserve.live.watches"), measured => measured.Value == 1);
        Assert.True(measurements.Sum("llmobserve.live.messages") >= 1);
    }

    internal static AccountChange Change(long seq, AccountChanges what = AccountChanges.Events, bool stale = false, long epoch = long.MaxValue) => new(
        new LedgerPosition(epoch, seq), new DateTimeOffset(2026, 3, 18, 12, 0, 0, TimeSpan.Zero), new Spend(Usd.Zero, seq), default, default, stale, what);

    private static IEnumerable<string?> Changed(ServerSentEvent message) =>
        message.Json.GetProperty("changed").EnumerateArray().Select(word => word.GetString());

    private static async Task ReadPastAsync(Stream stream, string end)
    {
        var one = new byte[1];
        for (var found = 0; found < end.Length;)
        {
            await stream.ReadExactlyAsync(one);
            found = one[0] == end[found] ? found + 1 : one[0] == end[0] ? 1 : 0;
        }
    }
}
