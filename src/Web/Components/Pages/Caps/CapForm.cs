using System.Globalization;
using LlmObserve.Web.Api;
using LlmObserve.Web.Formats;

namespace LlmObserve.Web.Components.Pages.Caps;

/// <summary>A cap as it is typed into a form. What is wrong with it the API says.</summary>
public sealed class CapForm
{
    private const decimal OnePercent = 0.01m;

    public string Type { get; set; } = "global";

    public string? Target { get; set; }

    public string? SubScope { get; set; }

    public string? SubTarget { get; set; }

    public string? Limit { get; set; }

    public string Period { get; set; } = "monthly";

    public string Enforcement { get; set; } = "alert";

    /// <summary>In percent.</summary>
    public string? Threshold { get; set; } = "80";

    public string? Email { get; set; }

    public string? Enabled { get; set; } = "on";

    /// <summary>Which button was pressed: save, preview, delete.</summary>
    public string? Step { get; set; }

    public static CapForm Of(CapAnswer cap) => new()
    {
        Type = cap.CapType,
        Target = cap.TargetName,
        SubScope = cap.SubScope,
        SubTarget = cap.SubTarget,
        Limit = cap.LimitAmount.ToString(),
        Period = cap.Period,
        Enforcement = cap.Enforcement,
        Threshold = cap.Thresholds.Count == 0 ? null : (100 * cap.Thresholds[0]).ToString("0.##", CultureInfo.InvariantCulture),
        Email = cap.AlertEmail,
        Enabled = cap.Enabled ? "on" : null,
    };

    /// <summary>The body of a new cap, and of a preview.</summary>
    public object ToNew() => new
    {
        cap_type = Type,
        target_name = Type == "global" ? null : Target,
        sub_scope = HasSubScope ? SubScope : null,
        sub_target = HasSubScope ? SubTarget : null,
        limit_amount = TypedNumber.ToJson(Limit),
        period = Period,
        enforcement = Enforcement,
        alert_threshold = TypedNumber.ToJson(Threshold, OnePercent),
        alert_email = Email,
    };

    /// <summary>The body of a change: what a cap limits stays.</summary>
    public object ToChange() => new
    {
        limit_amount = TypedNumber.ToJson(Limit),
        enforcement = Enforcement,
        alert_threshold = TypedNumber.ToJson(Threshold, OnePercent),
        alert_email = string.IsNullOrWhiteSpace(Email) ? null : Email,
        enabled = Enabled is not null,
    };

    private bool HasSubScope => Type == "customer" && !string.IsNullOrEmpty(SubScope);
}
