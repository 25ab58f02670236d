using System.Text.Json;
using LlmObserve.Api.Http;
using LlmObserve.Api.Runs;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Runs;

namespace LlmObserve.Api.Tests.Runs;

public sealed class RunEventAnswerTests
{
    private static readonly JsonSerializerOptions s_json = Options();

    [Fact]
    public void Answer_NoHold_LeavesItsFieldsOut() => Assert.Equal("{}", HoldFields(null));

    [Fact]
    public void Answer_HoldSettledBelowCost_SaysWhatIsAbove() => Assert.Equal(
        """{"hold_id":"hold_1","hold_outcome":"settled","held_usd":0.0000004,"overrun_usd":0.0000006,"hold_label_mismatch":true}""",
        HoldFields(new RunEventHold("hold_1", HoldOutcome.Settled, new Usd(400), LabelMismatch: true)));

    [Fact]
    public void Answer_HoldUnknown_LeavesOutWhatNobodyKnows() => Assert.Equal(
        """{"hold_id":"hold_1","hold_outcome":"unknown","hold_label_mismatch":false}""",
        HoldFields(new RunEventHold("hold_1", HoldOutcome.Unknown, null, LabelMismatch: false)));

    [Fact]
    public void Answer_EventFromBeforeHolds_HasItsIdOnly() => Assert.Equal(
        """{"hold_id":"hold_1"}""", HoldFields(new RunEventHold("hold_1", null, null, LabelMismatch: false)));

    /// <summary>The answer's fields about the hold, as they are written.</summary>
    private static string HoldFields(RunEventHold? hold)
    {
        var answer = RunTree.Build([RunTreeTests.Event(("span", null)) with { Cost = new Usd(1_000), Hold = hold }])[0];
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(answer, s_json));
        var fields = json.RootElement.EnumerateObject().Where(
            field => field.Name.StartsWith("hold", StringComparison.Ordinal) || field.Name.StartsWith("held", StringComparison.Ordinal)
                || field.Name.StartsWith("overrun", StringComparison.Ordinal));
        return $"{{{string.Join(',', fields.Select(field => $"\"{field.Name}\":{field.Value.GetRawText()}"))}}}";
    }

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = RunsJson.Default };
        ApiJson.Configure(options);
        return options;
    }
}
