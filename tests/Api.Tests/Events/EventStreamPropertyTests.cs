using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Api.Events;

namespace LlmObserve.Api.Tests.Events;

public sealed class EventStreamPropertyTests
{
    // What the parts of a body may be: good and bad events, values that are none, and things that break a body.
    private static readonly Gen<string> Elements = Gen.Frequency(
        (8, Gen.Choose(0, 99).Select(i => EventBodies.Event($"e{i}", """ "model":"gpt-4o","input_tokens":12,"event_metadata":{"a":["\"]}\\",{}]} """))),
        (2, Gen.Choose(0, 99).Select(i => EventBodies.Event($"é{i}", """ "customer_id":"\ud83d\ude00","section_path":"a/b" """))),
        (2, Gen.Elements("{\"id\":\"x\"}", "7", "-1.5e3", "\"te\\\"xt\"", "null", "[[],{\"a\":\"]\"}]", "{}", "{\"id\":\"\\ud800\"}", "\"\\\\\"")),
        (1, Gen.Choose(60, 70).Select(depth => new string('[', depth) + new string(']', depth))),
        (1, Gen.Elements("{", "]", "\"", "\\", "x", ",", "{]", "\u0001", "tru")));

    private static readonly Gen<string> Bodies =
        from elements in Elements.ArrayOf()
        from separator in Gen.Elements(",", " ,\r\n ", ",\t")
        from prefix in Gen.Frequency((9, Gen.Constant("[")), (1, Gen.Elements("\uFEFF [", " [", "", "{")))
        from suffix in Gen.Frequency((9, Gen.Constant("]")), (1, Gen.Elements("", "] x", "]\n", ",]")))
        select prefix + string.Join(separator, elements) + suffix;

    private static readonly Gen<string> Lines =
        from elements in Elements.ArrayOf()
        from separator in Gen.Elements("\n", "\r\n", "\n\n", " \n\t")
        select string.Join(separator, elements);

    private static readonly Gen<int[]> Sizes = Gen.Choose(1, 40).NonEmptyListOf().Select(sizes => sizes.ToArray());

    [Fact]
    public void ReadChunk_BodyInAnyPieces_GivesTheSame() => Check(Bodies, lines: false);

    [Fact]
    public void ReadChunk_LinesInAnyPieces_GiveTheSame() => Check(Lines, lines: true);

    [Fact]
    public async Task ReadChunk_LongEventsInAnyPieces_GiveTheSame()
    {
        // Around the size at which an event is passed over, which is more than one window.
        foreach (var size in new[] { EventLimits.MaxEventBytes - 200, EventLimits.MaxEventBytes - 1, EventLimits.MaxEventBytes + 1, EventLimits.MaxEventBytes * 2 })
        {
            var body = Encoding.UTF8.GetBytes($"[{EventBodies.Event("a", $"\"x\":\"{new string('y', size)}\"")},{EventBodies.Event("b")}]");
            var whole = await EventBodies.ReadAsync(new MemoryStream(body));
            foreach (var piece in new[] { 1_000, 4_096, 65_537, 1_000_003 })
            {
                AssertSame(whole, await EventBodies.ReadAsync(new PieceStream(body, [piece])));
            }
        }
    }

    [Fact]
    public void ReadChunk_AnyBody_IsReadWhereItIsAJsonArray() =>
        Prop.ForAll(
            // What nests too deep is passed over, so its inside may be anything.
            Bodies.Where(body => !body.Contains(new string('[', 60), StringComparison.Ordinal)).ToArbitrary(),
            body =>
            {
                var result = EventBodies.ReadAsync(body).GetAwaiter().GetResult();
                Assert.Equal(CountElements(body.TrimStart('\uFEFF')), result.Problem is null ? result.Events.Count + result.RejectedCount : null);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    /// <summary>How many elements the array has by the framework's reader; null where the text is no JSON array.</summary>
    private static long? CountElements(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1_000 });
            return document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.GetArrayLength() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Check(Gen<string> bodies, bool lines) =>
        Prop.ForAll(
            (from body in bodies from sizes in Sizes select (Body: body, Sizes: sizes)).ToArbitrary(),
            sample =>
            {
                var bytes = Encoding.UTF8.GetBytes(sample.Body);
                var whole = EventBodies.ReadAsync(new MemoryStream(bytes), lines).GetAwaiter().GetResult();
                var pieces = EventBodies.ReadAsync(new PieceStream(bytes, sample.Sizes), lines).GetAwaiter().GetResult();
                AssertSame(whole, pieces);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static void AssertSame(BodyResult expected, BodyResult actual)
    {
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal(expected.Faults, actual.Faults);
        Assert.Equal(expected.Filtered, actual.Filtered);
        Assert.Equal(expected.Problem?.Detail, actual.Problem?.Detail);
    }
}
