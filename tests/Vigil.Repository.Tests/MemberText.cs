using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Vigil.Repository.Tests;

/// <summary>Writes members as C# does, on one line each.</summary>
internal static class MemberText
{
    private static readonly NullabilityInfoContext Nullability = new();

    internal static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)}.ctor{Parameters(constructor)}",
        MethodInfo method => Method(method),
        PropertyInfo property => Property(property),
        FieldInfo field => Field(field),
        EventInfo added => $"{Access(added.AddMethod!)}event {EventType(added)} {added.Name}",
        _ => throw new ArgumentException($"no text for a {member.MemberType}", nameof(member)),
    };

    internal static string Return(MethodInfo method)
    {
        ParameterInfo result = method.ReturnParameter;
        string name = TypeText.Name(result.ParameterType, Nullability.Create(result));
        return result.ParameterType.IsByRef ? ByRef(name, IsReadOnly(result)) : name;
    }

    internal static string Parameters(MethodBase method) =>
        $"({string.Join(", ", method.GetParameters().Select(Parameter))})";

    private static string Method(MethodInfo method)
    {
        Type[] generic = method.GetGenericArguments();
        string arguments = generic.Length == 0 ? "" : $"<{string.Join(", ", generic.Select(type => type.Name))}>";
        string extension = method.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "";
        string parameters = Parameters(method).Insert(1, extension);
        return $"{Access(method)}{Return(method)} {method.Name}{arguments}{parameters}{TypeText.Limits(generic)}";
    }

    private static string EventType(EventInfo added) =>
        TypeText.Name(added.EventHandlerType!, Nullability.Create(added));

    private static string Property(PropertyInfo property)
    {
        MethodInfo first = property.GetMethod is { } getter && IsVisible(getter) ? getter : property.SetMethod!;
        string accessors = "";
        foreach (MethodInfo accessor in property.GetAccessors(nonPublic: true).Where(IsVisible))
        {
            bool isInit = accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            string word = accessor == property.GetMethod ? "get" : isInit ? "init" : "set";
            accessors += (accessor.IsFamily && !first.IsFamily ? "protected " : "") + word + "; ";
        }

        string type = TypeText.Name(property.PropertyType, Nullability.Create(property));
        type = property.PropertyType.IsByRef ? ByRef(type, IsReadOnly(property.GetMethod!.ReturnParameter)) : type;
        string required = property.IsDefined(typeof(RequiredMemberAttribute), false) ? "required " : "";
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        return $"{Access(first)}{required}{type} {name} {{ {accessors}}}";
    }

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "" : "protected ";
        string type = TypeText.Name(field.FieldType, Nullability.Create(field));
        return field.IsLiteral
            ? $"{access}const {type} {field.Name} = {Constant(field.GetRawConstantValue(), field.FieldType)}"
            : $"{access}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{type} {field.Name}";
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string type = TypeText.Name(parameter.ParameterType, Nullability.Create(parameter));
        if (parameter.ParameterType.IsByRef)
        {
            string word = parameter.IsOut ? "out" : parameter.IsIn ? "in" : "ref";
            type = $"{word} {type.TrimEnd('&')}";
        }

        string many = parameter.CustomAttributes.Any(a => a.AttributeType.Name is "ParamArrayAttribute"
            or "ParamCollectionAttribute") ? "params " : "";
        string standard = parameter.HasDefaultValue
            ? $" = {Constant(parameter.RawDefaultValue, parameter.ParameterType)}"
            : "";
        return $"{many}{type} {parameter.Name}{standard}";
    }

    private static string Access(MethodBase method)
    {
        string access = method.IsPublic ? "" : "protected ";
        bool isFirst = method is not MethodInfo info || info.GetBaseDefinition() == info;
        return access + method switch
        {
            { IsStatic: true } => method.IsAbstract ? "static abstract " : "static ",
            { DeclaringType.IsInterface: true } => "",
            { IsVirtual: true } when !isFirst => method.IsFinal ? "sealed override " : "override ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
    }

    private static bool IsVisible(MethodInfo method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsReadOnly(ParameterInfo parameter) =>
        parameter.GetRequiredCustomModifiers().Any(type => type.Name == "InAttribute");

    private static string ByRef(string name, bool isReadOnly) =>
        (isReadOnly ? "ref readonly " : "ref ") + name.TrimEnd('&');

    private static string Constant(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        char character => $"'{character}'",
        _ when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, value)}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
