using System.IO.Compression;
using System.Text;
using LlmObserve.Api.Events;

namespace LlmObserve.Api.Tests.Events;

public sealed class HostileBodyTests
{
    static HostileBodyTests() => GzipBody.RefuseCutShort();

    [Theory]
    [InlineData("")]
    [InlineData("   \r\n\t ")]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("[")]
    [InlineData("[1")]
    [InlineData("[1,")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("[1 2]")]
    [InlineData("[1]]")]
    [InlineData("[1],")]
    [InlineData("[1]{}")]
    [InlineData("[}")]
    [InlineData("[{\"a\":1]]")]
    [InlineData("[{\"a\":1")]
    [InlineData("[{\"a\":\"1")]
    [InlineData("[{\"a\":1,}]")]
    [InlineData("[{\"a\" 1}]")]
    [InlineData("[{'a':1}]")]
    [InlineData("[{\"a\":01}]")]
    [InlineData("[{\"a\":NaN}]")]
    [InlineData("[{\"a\":\"\\x\"}]")]
    [InlineData("[{\"a\":\"\\u12\"}]")]
    [InlineData("[{\"a\":\"\u0001\"}]")]
    [InlineData("[{\"a\":\"line\nbreak\"}]")]
    [InlineData("[nul]")]
    [InlineData("[truefalse]")]
    [InlineData("[1.]")]
    [InlineData("[// comment\n]")]
    [InlineData("\0")]
    [InlineData("[\0]")]
    public async Task Read_WhatIsNoJsonArray_IsAProblemOf400(string body)
    {
        var result = await EventBodies.ReadAsync(body);

        Assert.Equal(400, result.Problem?.Status);
        Assert.Equal("malformed-body", result.Problem?.Code);
        Assert.Empty(result.Events);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData(" [ ] \r\n")]
    [InlineData("\uFEFF[]")]
    public async Task Read_EmptyArray_IsFine(string body)
    {
        var result = await EventBodies.ReadAsync(body);

        Assert.Null(result.Problem);
        Assert.Empty(result.Events);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public async Task Read_MillionLevels_RejectsThatEventAlone(string open, string close)
    {
        const int Levels = 1_000_000;
        var deep = new StringBuilder("[").Insert(1, open, Levels).Append(open == "[" ? "" : "1").Insert(Levels * open.Length + 1 + (open == "[" ? 0 : 1), close, Levels);

        var result = await EventBodies.ReadAsync($"{deep},{EventBodies.Event("b")}]");

        Assert.Null(result.Problem);
        Assert.Equal(["[0] out-of-range"], result.Faults);
        Assert.Equal(["b"], result.Events.Select(read => read.Id));
    }

    [Fact]
    public async Task Read_MillionOpenBrackets_IsAProblemOf400()
    {
        var result = await EventBodies.ReadAsync(new string('[', 1_000_000));

        Assert.Equal(400, result.Problem?.Status);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task Read_AtTheDepthLimit_AcceptsAndRefuses(int depth, bool accepted)
    {
        // The event itself is the first level.
        var nested = new string('[', depth - 1) + new string(']', depth - 1);

        var array = await EventBodies.ReadAsync($"[{EventBodies.Event("a", $"\"x\":{nested}")}]");
        var lines = await EventBodies.ReadAsync(EventBodies.Event("a", $"\"x\":{nested}"), lines: true);

        Assert.Equal(accepted ? 1 : 0, array.Events.Count);
        Assert.Equal(accepted ? 1 : 0, lines.Events.Count);
        Assert.Null(array.Problem);
        Assert.Null(lines.Problem);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(60)]
    public async Task Read_GzipCutShort_IsAProblemOf400(int missing)
    {
        var whole = Gzip(Encoding.UTF8.GetBytes($"[{EventBodies.Event("a")}]"));
        var cut = whole[..^missing];

        await using var stream = GzipBody.Open(new MemoryStream(cut));
        var result = await EventBodies.ReadAsync(stream);

        Assert.Equal(missing == 0 ? null : 400, result.Problem?.Status);
        Assert.Equal(missing == 0 ? 1 : 0, result.Events.Count);
    }

    [Theory]
    [InlineData("not gzip at all")]
    [InlineData("")]
    public async Task Read_WhatIsNoGzip_IsAProblemOf400(string bytes)
    {
        await using var stream = GzipBody.Open(new MemoryStream(Encoding.ASCII.GetBytes(bytes)));

        Assert.Equal(400, (await EventBodies.ReadAsync(stream)).Problem?.Status);
    }

    [Theory]
    [InlineData((byte)' ')]
    [InlineData((byte)'[')]
    [InlineData((byte)'1')]
    public async Task Read_GzipBomb_IsAProblemOf413(byte filling)
    {
        using var bomb = new MemoryStream();
        await using (var zip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            var block = Enumerable.Repeat(filling, 1024 * 1024).ToArray();
            block[0] = filling == (byte)'1' ? (byte)'[' : filling;
            await zip.WriteAsync(block);
            block[0] = filling;
            for (var i = 0; i < 200; i++)
            {
                await zip.WriteAsync(block);
            }
        }

        bomb.Position = 0;
        await using var stream = GzipBody.Open(bomb);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(413, (await EventBodies.ReadAsync(stream)).Problem?.Status);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * EventLimits.MaxEventBytes);
    }

    [Fact]
    public async Task Read_BodyOfTheLimitAndOneMore_AcceptsAndRefuses()
    {
        var body = new byte[EventLimits.MaxBodyBytes + 1];
        body.AsSpan().Fill((byte)' ');
        (body[0], body[1]) = ((byte)'[', (byte)']');

        Assert.Null((await EventBodies.ReadAsync(new MemoryStream(body, 0, EventLimits.MaxBodyBytes))).Problem);
        Assert.Equal(413, (await EventBodies.ReadAsync(new MemoryStream(body))).Problem?.Status);
    }

    [Fact]
    public async Task Read_HundredThousandAndOneEvents_ReadsThemAll()
    {
        var body = new StringBuilder("[");
        for (var i = 0; i <= 100_000; i++)
        {
            body.Append(i == 0 ? "" : ",").Append(EventBodies.Event($"e{i}"));
        }

        var result = await EventBodies.ReadAsync(body.Append(']').ToString());

        Assert.Equal(100_001, result.Events.Count);
        Assert.Equal(100_001, result.Events.Select(read => read.Id).Distinct().Count());
    }

    [Fact]
    public async Task Read_BrokenAfterManyChunks_KeepsWhatStoodBefore()
    {
        var good = string.Join(',', Enumerable.Range(0, 12_000).Select(i => EventBodies.Event($"e{i}")));

        var result = await EventBodies.ReadAsync($"[{good},oops");

        Assert.Equal(400, result.Problem?.Status);
        Assert.Equal(10_000, result.Events.Count);
    }

    [Fact]
    public async Task ReadLines_GoodAndBrokenLines_StandForThemselves()
    {
        var result = await EventBodies.ReadAsync($"{EventBodies.Event("a")}\r\n\n  \nnot json\n{EventBodies.Event("b")} x\n[]\n{EventBodies.Event("c")}", lines: true);

        Assert.Null(result.Problem);
        Assert.Equal(["a", "c"], result.Events.Select(read => read.Id));
        Assert.Equal(["[1] malformed", "[2] malformed", "[3] malformed"], result.Faults);
    }

    [Fact]
    public async Task ReadLines_NothingButGarbage_GivesUp()
    {
        var result = await EventBodies.ReadAsync(string.Concat(Enumerable.Repeat("x\n", EventLimits.MaxBrokenLines + 1)), lines: true);

        Assert.Equal(400, result.Problem?.Status);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            zip.Write(bytes);
        }

        return zipped.ToArray();
    }
}
