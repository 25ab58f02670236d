using System.Data;

namespace LlmObserve.Storage.Tests.Cluster;

public sealed class ClusterGrainStateTests(ClusterDatabase database) : IClassFixture<ClusterDatabase>
{
    /// <summary>A grain's place as the provider sends it: a number, a GUID in two halves, a text, or a text beside one of those.</summary>
    private sealed record Place(string Type, long High, long Low, string? Text);

    private static readonly Place s_place = new("account", 0, 0, "a key");
    private static readonly byte[] s_one = [1];
    private static readonly byte[] s_two = [2, 0, 255];

    private readonly string _service = Guid.NewGuid().ToString();

    [Fact]
    public async Task Read_NeverWritten_HasNoRow() => Assert.Empty(await ReadAsync(s_place));

    [Fact]
    public async Task Write_ThenRead_GivesPayloadAndVersion()
    {
        Assert.Equal(1, await WriteAsync(s_place, s_one, null));
        await AssertStateAsync(s_place, s_one, 1);

        Assert.Equal(2, await WriteAsync(s_place, s_two, 1));
        await AssertStateAsync(s_place, s_two, 2);

        Assert.Equal(3, await WriteAsync(s_place, [], 2));
        await AssertStateAsync(s_place, [], 3);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Write_WrongVersion_IsRefused(int? version)
    {
        await WriteAsync(s_place, s_one, null);
        await WriteAsync(s_place, s_two, 1);

        Assert.Null(await WriteAsync(s_place, s_one, version));

        await AssertStateAsync(s_place, s_two, 2);
    }

    [Fact]
    public async Task Write_VersionOfNothing_IsRefused()
    {
        Assert.Null(await WriteAsync(s_place, s_one, 1));

        Assert.Empty(await ReadAsync(s_place));
    }

    [Fact]
    public async Task Write_PlacesThatDifferInOnePart_AreApart()
    {
        Place[] places =
        [
            s_place, s_place with { Type = "cap" }, s_place with { High = 1 }, s_place with { Low = 1 }, s_place with { Text = "another" },
            s_place with { Text = "A key" }, s_place with { Text = "" }, s_place with { Text = null }, s_place with { Text = "+a key" },
        ];
        foreach (var (index, place) in places.Index())
        {
            Assert.Equal(1, await WriteAsync(place, [(byte)index], null));
        }

        foreach (var (index, place) in places.Index())
        {
            await AssertStateAsync(place, [(byte)index], 1);
        }

        Assert.Equal(1, await WriteAsync(s_place, s_two, null, service: _service + "x"));
    }

    [Fact]
    public async Task Write_FirstOfMany_OneWins()
    {
        for (var round = 0; round < 10; round++)
        {
            var place = s_place with { Low = round };
            var versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => WriteAsync(place, [(byte)i], null)));

            var winner = Assert.Single(Enumerable.Range(0, 16), i => versions[i] is not null);
            await AssertStateAsync(place, [(byte)winner], 1);
        }
    }

    [Fact]
    public async Task Write_ManyOnOneVersion_OneWins()
    {
        await WriteAsync(s_place, s_one, null);
        for (var version = 1; version <= 10; version++)
        {
            var expected = version;
            var versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => WriteAsync(s_place, [(byte)i], expected)));

            var winner = Assert.Single(Enumerable.Range(0, 16), i => versions[i] is not null);
            Assert.Equal(expected + 1, versions[winner]);
            await AssertStateAsync(s_place, [(byte)winner], expected + 1);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public async Task Write_BehindAnotherThatIsNotCommitted_WaitsAndIsRefused(int? version)
    {
        var change = $"UPDATE orleans_grain_state SET payload = '\\x02', version = 2 WHERE service_id = '{_service}'";
        if (version is null)
        {
            change = $"INSERT INTO orleans_grain_state VALUES ('{_service}', 'account', 0, 0, '+a key', '\\x02', 2, now())";
        }
        else
        {
            await WriteAsync(s_place, s_one, null);
        }

        Task<int?> write;
        await using (await database.HoldAsync(change))
        {
            write = WriteAsync(s_place, s_one, version);
            await database.AwaitLockWaitersAsync(1);
        }

        Assert.Null(await write);
        await AssertStateAsync(s_place, [2], 2);
    }

    [Fact]
    public async Task Clear_ThenWrite_KeepsTheVersionGrowing()
    {
        await WriteAsync(s_place, s_one, null);

        Assert.Equal(2, await ClearAsync(s_place, 1));
        await AssertStateAsync(s_place, null, 2);

        Assert.Null(await WriteAsync(s_place, s_two, null));
        Assert.Null(await WriteAsync(s_place, s_two, 1));
        Assert.Equal(3, await WriteAsync(s_place, s_two, 2));
        await AssertStateAsync(s_place, s_two, 3);
    }

    [Fact]
    public async Task Clear_OneOfTwo_LeavesTheOther()
    {
        await WriteAsync(s_place, s_one, null);
        await WriteAsync(s_place with { Low = 1 }, s_two, null);

        await ClearAsync(s_place, 1);

        await AssertStateAsync(s_place with { Low = 1 }, s_two, 1);
    }

    [Theory]
    [InlineData("ClearStorageKey", null)]
    [InlineData("ClearStorageKey", 1)]
    [InlineData("ClearStorageKey", 3)]
    [InlineData("DeleteStorageKey", null)]
    [InlineData("DeleteStorageKey", 1)]
    [InlineData("DeleteStorageKey", 3)]
    public async Task Remove_WrongVersion_IsRefused(string key, int? version)
    {
        await WriteAsync(s_place, s_one, null);
        await WriteAsync(s_place, s_two, 1);

        Assert.Null(await RemoveAsync(key, s_place, version));

        await AssertStateAsync(s_place, s_two, 2);
    }

    [Fact]
    public async Task Delete_RightVersion_LeavesNoRow()
    {
        await WriteAsync(s_place, s_one, null);
        await WriteAsync(s_place with { Low = 1 }, s_two, null);

        Assert.Equal(2, await RemoveAsync("DeleteStorageKey", s_place, 1));

        Assert.Empty(await ReadAsync(s_place));
        Assert.Single(await ReadAsync(s_place with { Low = 1 }));
        Assert.Null(await WriteAsync(s_place, s_two, 1));
        Assert.Equal(1, await WriteAsync(s_place, s_two, null));
    }

    private async Task AssertStateAsync(Place place, byte[]? payload, int version)
    {
        var state = Assert.Single(await ReadAsync(place));
        Assert.Equal(payload, state.Payload);
        Assert.Equal(version, state.Version);
    }

    private Task<List<(byte[]? Payload, int Version)>> ReadAsync(Place place) => database.RunAsync(
        "ReadFromStorageKey",
        row =>
        {
            var payload = row.GetOrdinal("PayloadBinary");
            return (row.IsDBNull(payload) ? null : (byte[])row.GetValue(payload), Convert.ToInt32(row.GetValue(row.GetOrdinal("Version"))));
        },
        Arguments(place, _service));

    /// <returns>The new version, or null where it was refused.</returns>
    private async Task<int?> WriteAsync(Place place, byte[] payload, int? version, string? service = null)
    {
        var answers = await database.RunAsync(
            "WriteToStorageKey",
            row => Convert.ToInt32(row.GetValue(row.GetOrdinal("NewGrainStateVersion"))),
            [.. Arguments(place, service ?? _service), Argument.Of("GrainStateVersion", version), Argument.Of("PayloadBinary", payload)]);
        return answers.Count == 0 ? null : Assert.Single(answers);
    }

    private Task<int?> ClearAsync(Place place, int? version) => RemoveAsync("ClearStorageKey", place, version);

    /// <returns>The new version, or null where it was refused.</returns>
    private async Task<int?> RemoveAsync(string key, Place place, int? version)
    {
        var answers = await database.RunAsync(
            key,
            (IDataRecord row) => row.GetValue(0).ToString(),
            [.. Arguments(place, _service), Argument.Of("GrainStateVersion", version)]);
        return answers.Count == 0 ? null : int.Parse(Assert.Single(answers)!);
    }

    private static Argument[] Arguments(Place place, string service) =>
    [
        Argument.Of("GrainIdHash", 1),
        Argument.Of("GrainIdN0", place.High),
        Argument.Of("GrainIdN1", place.Low),
        Argument.Of("GrainTypeHash", 1),
        Argument.Of("GrainTypeString", place.Type),
        Argument.Of("GrainIdExtensionString", place.Text),
        Argument.Of("ServiceId", service),
    ];
}
