using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Caps;

/// <summary>
/// The scope of a cap as the wire names it, not yet checked. Raw sample:
/// <c>{"cap_type":"customer","target_name":"acme","sub_scope":"model","sub_target":"gpt-4o"}</c>.
/// </summary>
/// <param name="CapType"><c>cap_type</c>.</param>
/// <param name="TargetName"><c>target_name</c>: needed unless global.</param>
/// <param name="SubScope"><c>sub_scope</c>: only for a customer, and only with a sub-target.</param>
/// <param name="SubTarget"><c>sub_target</c>.</param>
public sealed record CapScopeInput(string? CapType, string? TargetName, string? SubScope = null, string? SubTarget = null)
{
    /// <summary>No provider, model or agent is named longer; a customer id that is longer cannot be capped, and is told so.</summary>
    public const int MaxTargetLength = 256;

    private const string TypePath = "cap_type";
    private const string TargetPath = "target_name";
    private const string SubScopePath = "sub_scope";
    private const string SubTargetPath = "sub_target";

    /// <summary>
    /// The canonical scope, or null after adding every fault to <paramref name="faults"/>. Empty and null texts are the same: not given.
    /// </summary>
    /// <param name="canonicalProvider">Resolves a provider's name or alias as for an event: the price book's <c>Provider</c>.</param>
    /// <param name="canonicalModel">Resolves a model's name as for an event: the price book's <c>Canonical</c> without a provider.</param>
    /// <param name="faults">Receives what is wrong, all of it.</param>
    public CapScope? Validate(Func<string, string> canonicalProvider, Func<string, string> canonicalModel, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(canonicalProvider);
        ArgumentNullException.ThrowIfNull(canonicalModel);
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var type = ReadType(faults);
        var target = ReadTarget(type, faults);
        var subScope = ReadSubScope(type, faults);
        if (faults.Count > before)
        {
            return null;
        }

        return type == Caps.CapType.Global
            ? new CapScope(Caps.CapType.Global, "")
            : Canonical(type!.Value, target, subScope, canonicalProvider, canonicalModel, faults);
    }

    private CapType? ReadType(ICollection<Fault> faults)
    {
        if (string.IsNullOrWhiteSpace(CapType))
        {
            faults.Add(new Fault(TypePath, FaultCodes.Required, "cap_type is needed: global, provider, model, agent or customer."));
            return null;
        }

        if (!CapWords.TryParseType(CapType, out var type))
        {
            faults.Add(new Fault(TypePath, FaultCodes.UnknownValue, "cap_type must be global, provider, model, agent or customer."));
            return null;
        }

        return type;
    }

    private string ReadTarget(CapType? type, ICollection<Fault> faults)
    {
        var given = !string.IsNullOrWhiteSpace(TargetName);
        if (type == Caps.CapType.Global && given)
        {
            // A cap on everything under the name of one customer would deny far more than its maker meant.
            faults.Add(new Fault(TargetPath, FaultCodes.Conflict, "A global cap counts every call: leave target_name out, or choose another cap_type."));
        }
        else if (type is not (null or Caps.CapType.Global) && !given)
        {
            faults.Add(new Fault(TargetPath, FaultCodes.Required, $"A {type.Value.ToWire()} cap needs target_name."));
        }
        else if (given)
        {
            TextFaults.Check(TargetPath, TargetName, MaxTargetLength, faults);
        }

        return TargetName ?? "";
    }

    private CapSubScope ReadSubScope(CapType? type, ICollection<Fault> faults)
    {
        var hasScope = !string.IsNullOrWhiteSpace(SubScope);
        var hasTarget = !string.IsNullOrWhiteSpace(SubTarget);
        if (!hasScope && !hasTarget)
        {
            return CapSubScope.None;
        }

        if (type is not (null or Caps.CapType.Customer))
        {
            faults.Add(new Fault(SubScopePath, FaultCodes.Conflict, "Only a customer cap can be narrowed with sub_scope and sub_target."));
        }

        if (!hasScope)
        {
            faults.Add(new Fault(SubScopePath, FaultCodes.Required, "sub_target needs sub_scope: provider or model."));
        }

        var subScope = CapSubScope.None;
        if (hasScope && !CapWords.TryParseSubScope(SubScope, out subScope))
        {
            faults.Add(new Fault(SubScopePath, FaultCodes.UnknownValue, "sub_scope must be provider or model."));
        }

        if (!hasTarget)
        {
            faults.Add(new Fault(SubTargetPath, FaultCodes.Required, "sub_scope needs sub_target."));
        }
        else
        {
            TextFaults.Check(SubTargetPath, SubTarget, MaxTargetLength, faults);
        }

        return subScope;
    }

    private CapScope? Canonical(
        CapType type,
        string target,
        CapSubScope subScope,
        Func<string, string> canonicalProvider,
        Func<string, string> canonicalModel,
        ICollection<Fault> faults)
    {
        var canonical = type switch
        {
            Caps.CapType.Provider => canonicalProvider(target.Trim()),
            Caps.CapType.Model => canonicalModel(target.Trim()),
            Caps.CapType.Agent => AgentName.FromCheck(target),

            // The account's own ids: kept as they are, events carry them unchanged too.
            _ => target,
        };
        if (canonical.Length == 0)
        {
            // "agent:" and "/" are texts that name nothing.
            faults.Add(new Fault(TargetPath, FaultCodes.Required, $"target_name names no {type.ToWire()}."));
            return null;
        }

        return subScope switch
        {
            CapSubScope.Provider => new CapScope(type, canonical, subScope, canonicalProvider(SubTarget!.Trim())),
            CapSubScope.Model => new CapScope(type, canonical, subScope, canonicalModel(SubTarget!.Trim())),
            _ => new CapScope(type, canonical),
        };
    }
}
